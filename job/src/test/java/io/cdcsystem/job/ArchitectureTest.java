package io.cdcsystem.job;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The dependency rules of docs: who may know whom. This module sees every other, so they are checked here. */
@AnalyzeClasses(packages = "io.cdcsystem", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] INPUT_OUTPUT = {
        "org.apache.flink..", "java.sql..", "javax.sql..", "org.postgresql..", "org.apache.kafka..", "java.net.."
    };

    @ArchTest
    static final ArchRule the_vocabulary_depends_on_no_other_module = noClasses()
            .that()
            .resideInAPackage("io.cdcsystem.schema..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.cdcsystem.source..", "io.cdcsystem.dedup..", "io.cdcsystem.sink..", "io.cdcsystem.job..");

    @ArchTest
    static final ArchRule the_source_knows_neither_deduplication_nor_sink_nor_job = noClasses()
            .that()
            .resideInAPackage("io.cdcsystem.source..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.cdcsystem.dedup..", "io.cdcsystem.sink..", "io.cdcsystem.job..");

    @ArchTest
    static final ArchRule deduplication_and_sink_know_neither_source_nor_job = noClasses()
            .that()
            .resideInAnyPackage("io.cdcsystem.dedup..", "io.cdcsystem.sink..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.cdcsystem.source..", "io.cdcsystem.job..");

    @ArchTest
    static final ArchRule the_consumer_library_knows_no_flink_and_no_database = noClasses()
            .that()
            .resideInAPackage("io.cdcsystem.consumer")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.flink..",
                    "io.cdcsystem.consumer.flink..",
                    "java.sql..",
                    "org.postgresql..",
                    "io.cdcsystem.source..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule its_flink_side_knows_nothing_of_the_pipeline = noClasses()
            .that()
            .resideInAPackage("io.cdcsystem.consumer.flink..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.cdcsystem.source..",
                    "io.cdcsystem.dedup..",
                    "io.cdcsystem.sink..",
                    "io.cdcsystem.job..",
                    "io.cdcsystem.schema.evolution..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_pure_core_does_no_input_or_output = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.cdcsystem.schema.table",
                    "io.cdcsystem.schema.row",
                    "io.cdcsystem.schema.position",
                    "io.cdcsystem.schema.error")
            .or()
            .haveFullyQualifiedName("io.cdcsystem.dedup.DedupRule")
            .or()
            .haveFullyQualifiedName("io.cdcsystem.source.enumerator.SplitAssigner")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(INPUT_OUTPUT);

    @ArchTest
    static final ArchRule postgres_is_reached_through_the_database_interface_only = noClasses()
            .that(not_postgres_and_not_job())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.cdcsystem.source.postgres..");

    @ArchTest
    static final ArchRule only_postgres_knows_its_driver = noClasses()
            .that(resideInAnyPackage("io.cdcsystem..")
                    .and(not_in("io.cdcsystem.source.postgres..", "io.cdcsystem.testbed..")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.postgresql..", "java.sql..");

    @ArchTest
    static final ArchRule postgres_knows_neither_enumerator_nor_reader = noClasses()
            .that()
            .resideInAPackage("io.cdcsystem.source.postgres..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.cdcsystem.source.enumerator..", "io.cdcsystem.source.reader..");

    /** A facade package such as {@code source} stands above its parts; postgres with its own parts counts as one. */
    @ArchTest
    static final ArchRule packages_are_free_of_cycles =
            slices().matching("io.cdcsystem.(*).(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule names_say_what_a_class_is = noClasses()
            .that()
            .resideInAPackage("io.cdcsystem..")
            .should()
            .haveNameMatching(".*(Utils?|Helper|Manager)$")
            .orShould()
            .haveNameMatching(".*\\.Abstract[A-Z]\\w*$");

    @ArchTest
    static final ArchRule configurations_are_records = classes()
            .that()
            .resideInAPackage("io.cdcsystem..")
            .and()
            .haveSimpleNameEndingWith("Config")
            .and()
            .areNotInterfaces()
            .should()
            .beRecords();

    @ArchTest
    static final ArchRule exceptions_are_final = classes()
            .that()
            .resideInAPackage("io.cdcsystem..")
            .and()
            .areAssignableTo(Exception.class)
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);

    @ArchTest
    static final ArchRule no_field_is_public_and_mutable = fields().that()
            .areDeclaredInClassesThat()
            .resideInAPackage("io.cdcsystem..")
            .and()
            .arePublic()
            .should()
            .beFinal();

    private static DescribedPredicate<JavaClass> not_postgres_and_not_job() {
        return not_in("io.cdcsystem.source.postgres..", "io.cdcsystem.job..", "io.cdcsystem.demo..")
                .as("are neither of postgres nor of job");
    }

    private static DescribedPredicate<JavaClass> not_in(String... packages) {
        return DescribedPredicate.not(resideInAnyPackage(packages));
    }
}

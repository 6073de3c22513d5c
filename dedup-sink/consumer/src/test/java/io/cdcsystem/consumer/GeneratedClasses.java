package io.cdcsystem.consumer;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.avro.Schema;
import org.apache.avro.compiler.specific.SpecificCompiler;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/** Makes and loads classes as a user's build does: Avro's compiler, then Java's. */
public final class GeneratedClasses {
    private GeneratedClasses() {}

    /** The class of a record's schema. */
    public static Class<? extends SpecificRecordBase> of(Schema schema, Path work)
            throws IOException, ClassNotFoundException {
        Path sources = Files.createDirectories(work.resolve("sources"));
        new SpecificCompiler(schema).compileToDestination(null, sources.toFile());
        return compile(sources, work.resolve("classes"), SpecificData.getClassName(schema))
                .asSubclass(SpecificRecordBase.class);
    }

    /** Compiles all sources below a folder and loads one class. */
    public static Class<?> compile(Path sources, Path classes, String className)
            throws IOException, ClassNotFoundException {
        Files.createDirectories(classes);
        List<String> arguments = new ArrayList<>(List.of(
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path") + File.pathSeparator));
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(file -> arguments.add(file.toString()));
        }
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        if (result != 0) {
            throw new IOException("the compiler refused what stands in " + sources);
        }
        @SuppressWarnings("resource") // Its classes live as long as the test.
        URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, GeneratedClasses.class.getClassLoader());
        return Class.forName(className, true, loader);
    }
}

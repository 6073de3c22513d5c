package io.cdcsystem.consumer;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Avro's model of generated classes, confined to those that the named class's own schema is made of. Since 1.12.2 Avro
 * instantiates no class that its system properties do not trust, lest a schema from elsewhere names one; here no schema but
 * the consumer's own class ever names one.
 */
final class GeneratedData extends SpecificData {
    private final Map<String, Class<?>> classes = new HashMap<>();

    GeneratedData(Class<? extends SpecificRecordBase> type) {
        super(type.getClassLoader());
        SpecificData own = SpecificData.getForClass(type);
        own.getConversions().forEach(this::addLogicalTypeConversion);
        collect(own.getSchema(type), type.getClassLoader(), new HashSet<>());
    }

    @Override
    @SuppressWarnings("rawtypes") // As Avro declares it.
    public @Nullable Class getClass(Schema schema) {
        return switch (schema.getType()) {
            case RECORD, ENUM, FIXED -> classes.get(schema.getFullName());
            default -> super.getClass(schema);
        };
    }

    private void collect(Schema schema, ClassLoader loader, Set<Schema> met) {
        if (!met.add(schema)) {
            return;
        }
        switch (schema.getType()) {
            case RECORD -> {
                load(schema, loader);
                schema.getFields().forEach(field -> collect(field.schema(), loader, met));
            }
            case ENUM, FIXED -> load(schema, loader);
            case ARRAY -> collect(schema.getElementType(), loader, met);
            case MAP -> collect(schema.getValueType(), loader, met);
            case UNION -> schema.getTypes().forEach(branch -> collect(branch, loader, met));
            default -> {
                // Nothing is generated for the others.
            }
        }
    }

    // Without a class of its own a part of the record is generic, as Avro has it too.
    private void load(Schema schema, ClassLoader loader) {
        try {
            classes.put(schema.getFullName(), Class.forName(SpecificData.getClassName(schema), false, loader));
        } catch (ClassNotFoundException generic) {
            classes.remove(schema.getFullName());
        }
    }
}

package io.cdcsystem.schema.authority;

import java.io.Serializable;

/** Makes the pipeline's schema authority where the source's enumerator runs. */
public interface SchemaAuthorityConfig extends Serializable {

    /** Opens the authority; its connections come with the first question. */
    SchemaAuthority open();
}

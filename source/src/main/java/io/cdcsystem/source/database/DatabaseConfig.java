package io.cdcsystem.source.database;

import java.io.Serializable;

/** Where a database is and what of it is captured; travels with the job graph. */
public interface DatabaseConfig extends Serializable {

    /** The envelope's connector name: {@code postgresql}, {@code mysql} or {@code mariadb}. */
    String connectorName();

    /** Opens it. No connection is made before the first call that needs one. */
    Database open();
}

/**
 * The shop: a small schema and the random transactions that keep it busy; the same for a few tiny tables; and an audit
 * kept by triggers that says what every change was.
 *
 * <p>Writers run on threads of their own. Depends on JDBC only.
 */
@NullMarked
package io.cdcsystem.testbed.load;

import org.jspecify.annotations.NullMarked;

package io.cdcsystem.schema.ruling;

import java.util.Locale;

/** What a notice says became of a change. */
public enum NoticeVerdict {
    /** Nobody breaks: registered and published. Also a dropped table. */
    COMPATIBLE,
    /** It breaks, and the pipeline fails with it. */
    BREAKING,
    /** It breaks, and waits for a decision. */
    PENDING,
    /** It breaks, and a person approved it. */
    APPROVED,
    /** It breaks, and a person rejected it: dead letters. */
    REJECTED,
    /** It breaks, but somebody registered exactly this schema already: published. */
    REGISTERED,
    /** It breaks, and rows are published in the words of the last version. */
    IGNORED,
    /** It breaks, and rows go to the dead-letter topic. */
    DEAD_LETTER;

    /** As notices write it: {@code dead-letter}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

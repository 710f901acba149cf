//! What the operator can do about an error of a database or its file system.

const FULL: &str = ": make room on its disk";
const NOT_WRITABLE: &str =
    ": the user that runs Haoma has to be allowed to write the file and its folder";
const READ_ONLY: &str =
    ": lead DATABASE_URL to the server that takes writes, or SET GLOBAL read_only = 0";

const KNOWN: [(&str, &str); 13] = [
    ("disk is full", FULL),
    ("Disk full", FULL),
    ("' is full", FULL),
    ("No space left", FULL),
    ("readonly database", NOT_WRITABLE),
    ("unable to open database file", NOT_WRITABLE),
    ("Permission denied", NOT_WRITABLE),
    ("Read-only file system", NOT_WRITABLE),
    ("read-only option", READ_ONLY),
    ("Running in read-only mode", READ_ONLY),
    ("file is not a database", ": name a file of SQLite's, or one that does not exist yet"),
    ("database is locked", ": end the other program that holds it"),
    ("command denied", ": GRANT this account what docs/security.md names"),
];

/// Returns advice to append to a message, or an empty text where there is none.
pub(super) fn advice(message: &str) -> &'static str {
    let known = KNOWN.iter().find(|(part, _)| message.contains(part));
    known.map_or("", |(_, advice)| *advice)
}

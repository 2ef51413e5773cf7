// SQLite's write-ahead log, written in large pieces. SQLite itself makes two system calls for each page, a dozen pages
// a commit, and those cost as much as all the rest of it.
#pragma once

namespace signet::activation::sqlite {

// The name of a VFS for connections that write. It is the system's, but what is written to a log one piece behind the
// other is kept until SQLite flushes the log, and goes to the file then, before the flush and in one call. With
// synchronous=FULL every commit is flushed before any reader may look at it; with less, readers could be led to what is
// not in the file yet. Thread-safe. Null: SQLite has no memory.
const char* log_gathering_vfs();

}  // namespace signet::activation::sqlite

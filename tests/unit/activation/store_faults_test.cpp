// A disk that is full, a database that another holds or that is damaged: each has a name, and nothing is half done.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>

#include "activation/sqlite/statement.h"
#include "activation/sqlite/store.h"
#include "unit/identity/temporary_directory.h"

namespace signet::activation::sqlite {
namespace {

constexpr int kSkipped = 77;

AuditEntry large_entry() { return {.actor = "test", .action = "note", .detail = std::string(8000, 'x')}; }

Result<void> write_large(Store& store) {
  return write_and_wait(store, [](Transaction& t) { return t.add(large_entry()); });
}

std::size_t count(Store& store) {
  std::size_t found = 0;
  EXPECT_TRUE(store.read([&found](View& view) -> Result<void> {
    SIGNET_ASSIGN(const auto entries, view.audit(0, 100'000));
    found = entries.size();
    return {};
  }));
  return found;
}

// What a child process makes of it, for limits and mounts that must not outlive the test. Its exit status.
int in_a_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define CHILD_CHECK(condition)                                             \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      return 1;                                                            \
    }                                                                      \
  } while (false)

// Writes until it fails with `expected`; then all that was acknowledged is there, and nothing else.
int fill(const std::string& path, Errc expected) {
  auto opened = Store::open({.path = path, .create = true});
  CHILD_CHECK(opened);
  Store& store = **opened;
  std::size_t kept = 0;
  for (;;) {
    auto written = write_large(store);
    if (!written) {
      CHILD_CHECK(written.error().code == expected);
      break;
    }
    CHILD_CHECK(++kept < 100'000);
  }
  CHILD_CHECK(store.commits().failed == 1);
  CHILD_CHECK(count(store) == kept);
  return 0;
}

TEST(StoreFaults, AFullDiskIsNoSpaceAndKeepsWhatWasAcknowledged) {
  identity::TemporaryDirectory directory;
  const int status = in_a_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
      return kSkipped;
    }
    return fill(directory.path("test.db"), Errc::no_space);
  });

  if (status == kSkipped) GTEST_SKIP() << "takes the right to mount a file system";
  EXPECT_EQ(status, 0);
}

TEST(StoreFaults, AFileThatMayNotGrowIsAnInputOutputErrorAndKeepsWhatWasAcknowledged) {
  identity::TemporaryDirectory directory;
  const int status = in_a_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 400'000, .rlim_max = 400'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return fill(directory.path("test.db"), Errc::io);
  });

  EXPECT_EQ(status, 0);
}

TEST(StoreFaults, AfterSpaceHasBeenMadeItGoesOn) {
  identity::TemporaryDirectory directory;
  const int status = in_a_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    auto opened = Store::open({.path = directory.path("test.db"), .create = true});
    CHILD_CHECK(opened);
    const rlimit limit{.rlim_cur = 100'000, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::size_t kept = 0;
    while (write_large(**opened)) ++kept;
    const rlimit none{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &none);
    CHILD_CHECK(write_large(**opened));
    CHILD_CHECK(count(**opened) == kept + 1);
    return 0;
  });

  EXPECT_EQ(status, 0);
}

TEST(StoreFaults, ADatabaseThatAnotherProcessWritesToIsBusy) {
  identity::TemporaryDirectory directory;
  auto store =
      Store::open({.path = directory.path("test.db"), .create = true, .busy_timeout = std::chrono::milliseconds{50}});
  ASSERT_TRUE(store);
  auto other = Connection::open(directory.path("test.db"), Connection::Use::write, std::chrono::milliseconds{50});
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));

  auto refused = write_large(**store);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::busy);
  EXPECT_EQ(count(**store), 0U);
  ASSERT_TRUE(other->execute("ROLLBACK"));
  EXPECT_TRUE(write_large(**store));
}

void overwrite(const std::string& path, std::streamoff at, const std::string& octets) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(at);
  file << octets;
}

TEST(StoreFaults, ADamagedDatabaseIsDamaged) {
  identity::TemporaryDirectory directory;
  {
    auto store = Store::open({.path = directory.path("test.db"), .create = true});
    ASSERT_TRUE(store);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(write_large(**store));
  }
  const auto size = std::filesystem::file_size(directory.path("test.db"));
  overwrite(directory.path("test.db"), 4096, std::string(static_cast<std::size_t>(size) - 4096, '\x5a'));

  auto store = Store::open({.path = directory.path("test.db")});

  Result<void> answer;
  if (store) {
    answer = (*store)->read([](View& view) -> Result<void> {
      SIGNET_TRY(view.audit(0, 100));
      return {};
    });
  } else {
    answer = fail(store.error());
  }
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::damaged) << to_string(answer.error());
}

TEST(StoreFaults, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  identity::TemporaryDirectory directory;
  std::ofstream{directory.path("test.db")} << std::string(5000, 'x');

  auto store = Store::open({.path = directory.path("test.db"), .create = true});

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::unsupported_format);
  EXPECT_EQ(std::filesystem::file_size(directory.path("test.db")), 5000U);
}

}  // namespace
}  // namespace signet::activation::sqlite

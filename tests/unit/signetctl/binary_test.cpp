#include "signetctl/binary.h"

#include <sys/stat.h>

#include <functional>

#include "command_line.h"

namespace signet::ctl {
namespace {

class Binary : public CommandLine {
 protected:
  Session session() {
    return Session{{.in = in_, .out = out_, .err = err_, .in_is_terminal = terminal_, .out_is_terminal = terminal_}};
  }
  static Errc error_of(const std::function<void()>& operation) {
    try {
      operation();
    } catch (const Failed& failed) {
      return failed.error().code;
    }
    ADD_FAILURE() << "no error";
    return Errc::internal;
  }
};

TEST_F(Binary, ReadsAllOfALongInputAndKeepsEveryOctet) {
  std::string content(300'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  in_.str(content);
  auto s = session();

  EXPECT_EQ(as_text(read_input(s, "-").view()), content);
  EXPECT_EQ(as_text(read_input(s, file("long", content)).view()), content);
}

TEST_F(Binary, RefusesMoreThanTheLimit) {
  in_.str("12345");
  auto s = session();

  EXPECT_EQ(error_of([&] { read_input(s, "", 4); }), Errc::too_large);
}

TEST_F(Binary, NeverWritesBinaryDataToATerminal) {
  terminal_ = true;
  auto s = session();
  const Bytes binary{0x1b, 0x00};

  EXPECT_EQ(error_of([&] { write_output(s, {}, binary); }), Errc::invalid_argument);
  EXPECT_EQ(out_.str(), "");

  write_output(s, {.hex = true}, binary);
  EXPECT_EQ(out_.str(), "1b00\n");
  write_output(s, {.force = true}, binary);
  EXPECT_EQ(out_.str().size(), 7u);
}

TEST_F(Binary, TextMayGoToATerminalAndAnythingToAPipe) {
  auto s = session();
  write_output(s, {}, Bytes{0x1b});
  terminal_ = true;
  auto t = session();
  write_output(t, {}, as_bytes("text\n"));

  EXPECT_EQ(out_.str(), "\x1btext\n");
}

TEST_F(Binary, NewFilesAreForTheirOwnerOnly) {
  auto s = session();
  const std::string path = directory_ / "secret";

  write_output(s, {.path = path}, as_bytes("secret"));

  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(Binary, AFullDiskIsNamed) {
  auto s = session();

  EXPECT_EQ(error_of([&] { write_output(s, {.path = "/dev/full"}, as_bytes("x")); }), Errc::no_space);
}

}  // namespace
}  // namespace signet::ctl

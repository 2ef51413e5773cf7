// Writes numbered objects without end, and lists those that a store holds: the guest's half of the power-cut beds.
// Change N touches the same objects in every run (lib/workload.py is the host's model of it), so that the host can tell
// from a listing after which change the store stands.
//
//   object_loop write FIRST   makes change FIRST, FIRST + 1, ...; prints "ack N" when N is acknowledged; ends at an
//   error object_loop list          prints "NAME N" for each object, by name, after checking every octet of it; "NAME
//   damaged"
#include <signet/signet.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::uint32_t kObjects = 24;
constexpr std::uint32_t kRemovedEvery = 7;  // of these changes, one removes its object
constexpr std::uint32_t kPairedEvery = 5;   // of the others, one writes the object "pair" together with its own

struct Close {
  void operator()(signet_client* client) const { signet_close(client); }
};
using Client = std::unique_ptr<signet_client, Close>;

std::string name_of(std::uint32_t number) { return "object-" + std::to_string(number % kObjects); }

// From one record to many, so that cuts also fall between the records of one object.
std::size_t size_of(std::uint32_t number) {
  constexpr std::array<std::size_t, 5> kSizes{16, 180, 700, 40, 2500};
  return kSizes[number % kSizes.size()];
}

std::vector<std::uint8_t> content_of(std::uint32_t number) {
  std::vector<std::uint8_t> content(size_of(number));
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(number * 31 + i * 7);
  for (unsigned i = 0; i < 4; ++i) content[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return content;
}

int make_change(signet_client* client, std::uint32_t number) {
  const auto name = name_of(number);
  const auto content = content_of(number);
  if (number % kRemovedEvery == 0) {
    const int status = signet_store_delete(client, name.c_str());
    return status == SIGNET_E_NOT_FOUND ? SIGNET_OK : status;
  }
  const std::array<signet_change, 2> changes{
      {{name.c_str(), content.data(), content.size()}, {"pair", content.data(), content.size()}}};
  return signet_store_apply(client, changes.data(), number % kPairedEvery == 0 ? 2 : 1);
}

int write_without_end(signet_client* client, std::uint32_t first) {
  for (auto number = first;; ++number) {
    if (make_change(client, number) != SIGNET_OK) {
      std::printf("error in change %u: %s\n", number, signet_error_text(client));
      return EXIT_FAILURE;
    }
    std::printf("ack %u\n", number);
    std::fflush(stdout);
    tcdrain(STDOUT_FILENO);  // on the wire before the next change begins: at most one acknowledgement is lost in a
                             // power cut
  }
}

int list_object(signet_client* client, const char* name) {
  std::vector<std::uint8_t> content(4096);
  auto size = content.size();
  const int status = signet_store_get(client, name, content.data(), &size);
  if (status != SIGNET_OK) {
    std::printf("error in %s: %s\n", name, signet_error_text(client));
    return EXIT_FAILURE;
  }
  content.resize(size);
  std::uint32_t number = 0;
  for (unsigned i = 0; i < 4 && i < size; ++i) number = number << 8 | content[i];
  if (content == content_of(number)) {
    std::printf("%s %u\n", name, number);
  } else {
    std::printf("%s damaged\n", name);
  }
  return EXIT_SUCCESS;
}

int list(signet_client* client) {
  signet_result* objects = nullptr;
  if (signet_store_list(client, "", &objects) != SIGNET_OK) {
    std::printf("error in the list: %s\n", signet_error_text(client));
    return EXIT_FAILURE;
  }
  int status = EXIT_SUCCESS;
  for (std::size_t row = 0; status == EXIT_SUCCESS && row < signet_result_rows(objects); ++row) {
    const std::string_view name = signet_result_string(objects, row, "name");
    if (name == "pair" || name.starts_with("object-")) status = list_object(client, name.data());
  }
  signet_result_free(objects);
  return status;
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  signet_client* handle = nullptr;
  const int status = signet_open(&handle, 0);
  const Client client{handle};
  if (status != SIGNET_OK) {
    std::printf("error at the start: %s\n", signet_error_text(handle));
    return EXIT_FAILURE;
  }
  if (what == "list" && argc == 2) return list(handle);
  if (what == "write" && argc == 3)
    return write_without_end(handle, static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)));
  std::fputs("usage: object_loop write FIRST | list\n", stderr);
  return 2;
}

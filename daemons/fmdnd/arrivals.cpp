#include "fmdnd/arrivals.h"

#include <spdlog/spdlog.h>
#include <sys/inotify.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace signet::fmdnd {
namespace {

// Rights, too: udev sets them after the kernel has made the node.
constexpr std::uint32_t kChanges = IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr int kMostLinks = 8;  // those of a circle have no end

}  // namespace

Arrivals::Arrivals(boost::asio::io_context& loop, std::string path, std::function<void()> changed)
    : inotify_{loop}, path_{std::move(path)}, changed_{std::move(changed)} {
  const int inotify = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (inotify < 0) {
    spdlog::warn("{} is not waited for: inotify: {}", path_, std::strerror(errno));
    return;
  }
  inotify_.assign(inotify);
  watch();
  wait();
}

// What is watched already stays so.
void Arrivals::watch() {
  std::filesystem::path at = path_;
  for (int links = 0; links < kMostLinks; ++links) {
    auto directory = at.parent_path();
    while (::inotify_add_watch(inotify_.native_handle(), directory.c_str(), kChanges | IN_ONLYDIR) < 0 &&
           directory != directory.parent_path()) {
      directory = directory.parent_path();
    }
    std::error_code no_link;
    const auto target = std::filesystem::read_symlink(at, no_link);
    if (no_link) return;
    at = at.parent_path() / target;
  }
}

void Arrivals::wait() {
  inotify_.async_read_some(boost::asio::buffer(events_), [this](const boost::system::error_code& failed, std::size_t) {
    if (failed) return;
    watch();
    wait();
    changed_();
  });
}

}  // namespace signet::fmdnd

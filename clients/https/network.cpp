#include "https/network.h"

#include <curl/curl.h>

#include <new>

#include "https/transfer.h"

namespace signet::https {

Network::Network(const Watch& watch) : watch_{watch}, multi_{nullptr} {
  // Safe from several threads since libcurl 7.84, and for good: nobody can tell when a program is done with libcurl.
  if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) multi_ = curl_multi_init();
  if (!multi_) throw std::bad_alloc{};
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

Network::~Network() {
  curl_multi_cleanup(multi_);  // closes the connections that were kept; tells on_socket()
  for (const int socket : sockets_) watch_.forget(socket);
}

int Network::on_socket(void*, int socket, int what, void* self, void*) noexcept {
  auto& network = *static_cast<Network*>(self);
  try {
    if (what == CURL_POLL_REMOVE) {
      network.watch_.forget(socket);
      network.sockets_.erase(socket);
      return 0;
    }
    network.sockets_.insert(socket);
    const int events = ((what & CURL_POLL_IN) != 0 ? POLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? POLLOUT : 0);
    network.watch_.set(socket, events);
    return 0;
  } catch (const std::exception&) {
    return -1;  // no memory: every transfer ends
  }
}

int Network::on_timer(CURLM*, long timeout_ms, void* self) noexcept {
  static_cast<Network*>(self)->wake_ =
      timeout_ms < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds{timeout_ms};
  return 0;
}

void Network::turn() {
  int running = 0;
  watch_.each_ready([&](int fd, int events) {
    if (!sockets_.contains(fd)) return;
    const int flags = ((events & POLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                      ((events & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                      ((events & (POLLERR | POLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi_, fd, flags, &running);
  });
  if (wake_ <= Clock::now()) {
    wake_ = Clock::time_point::max();  // before the call, which may set it anew
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  deliver();
}

void Network::deliver() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->ended(code);
  }
}

}  // namespace signet::https

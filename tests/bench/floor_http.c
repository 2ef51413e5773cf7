/* The least an HTTP server can be: one thread, epoll, keep-alive, the end of a request is an empty line, the answer is
 * always the same. What activationd is measured against. Usage: floor-http BODY; prints the port. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kEvents = 64, kBuffer = 8192 };

static size_t answer(char* out, size_t size, const char* body) {
  char date[64];
  time_t now = time(NULL);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
  int length = snprintf(out, size,
                        "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: %zu\r\nContent-Type: application/json\r\n"
                        "Cache-Control: no-store\r\n\r\n%s",
                        date, strlen(body), body);
  return (size_t)length;
}

static void serve(int epoll, int fd, const char* body) {
  char in[kBuffer];
  char out[kBuffer];
  ssize_t size = recv(fd, in, sizeof in - 1, 0);
  if (size <= 0) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
    return;
  }
  in[size] = '\0';
  if (strstr(in, "\r\n\r\n") != NULL) send(fd, out, answer(out, sizeof out, body), MSG_NOSIGNAL);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, 128) != 0) return 1;
  getsockname(listener, (struct sockaddr*)&address, &length);
  printf("listening on port %d\n", ntohs(address.sin_port));
  fflush(stdout);

  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[kEvents];
    int count = epoll_wait(epoll, events, kEvents, -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd != listener) {
        serve(epoll, events[i].data.fd, argv[1]);
        continue;
      }
      event.data.fd = accept(listener, NULL, NULL);
      epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
    }
  }
}

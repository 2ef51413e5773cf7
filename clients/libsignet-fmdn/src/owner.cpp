#include "owner.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "finder/locks.h"

using namespace signet;
using namespace signet::owner;

namespace {

Result<SecretBuffer> no_secret(bool) {
  return fail(Errc::invalid_argument,
              "the keyring needs a key file or a pass phrase, and signet_owner_open() got none");
}

Result<std::unique_ptr<keyring::Lock>> lock_of(const signet_owner_options& options) {
  if (options.key_file && options.pass_phrase) {
    return fail(Errc::invalid_argument, "key_file, pass_phrase: the keyring has one secret only");
  }
  if (options.key_file) return finder::key_file_lock(options.key_file, "key_file");
  if (!options.pass_phrase) return finder::pass_phrase_lock(no_secret);
  const auto text = std::make_shared<SecretBuffer>(as_bytes(options.pass_phrase));
  return finder::pass_phrase_lock([text](bool) -> Result<SecretBuffer> { return SecretBuffer{text->view()}; });
}

}  // namespace

signet_owner::~signet_owner() {
  while (!calls_.empty()) {
    signet_owner_call* last = calls_.back();
    calls_.pop_back();
    last->detach();
  }
}

Result<void> signet_owner::open(const signet_owner_options& options) {
  wake_ = UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!wake_) return fail(Errc::io, "no descriptor is left");
  SIGNET_ASSIGN(lock_, lock_of(options));
  const auto path = options.keyring ? std::optional<std::string>{options.keyring} : keyring::default_path();
  if (!path) {
    return fail(Errc::not_found, "keyring: neither XDG_DATA_HOME nor HOME says where it is; name the file");
  }
  adapter_ = options.adapter ? options.adapter : "";
  keyring_.emplace(*path, *lock_, random_);
  return {};
}

bool signet_owner::is_busy() const {
  return std::any_of(calls_.begin(), calls_.end(), [](signet_owner_call* call) {
    call->settle();
    return call->pending();
  });
}

finder::Radio signet_owner::radio() const {
  return {.open = central_opener(), .adapter = adapter_, .limit = timeout_, .progress = {}};
}

int signet_owner::report(const Outcome& outcome) {
  if (outcome.status != SIGNET_OK) error_text_ = outcome.text;
  return outcome.status;
}

signet_owner_call* signet_owner::next_due() const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [](auto* call) { return call->done_is_due(); });
  return found == calls_.end() ? nullptr : *found;
}

bool signet_owner::deliver_news() {
  for (signet_owner_call* call : calls_) {
    if (call->deliver_news()) return true;
  }
  return false;
}

void signet_owner::poke() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

// A callback may start and free calls, so each round looks for the next one anew.
void signet_owner::process() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto drained = ::read(wake_.get(), &count, sizeof count);
  for (signet_owner_call* call : calls_) call->settle();
  while (deliver_news()) {
  }
  while (signet_owner_call* call = next_due()) call->deliver_done();
}

signet_owner_call::~signet_owner_call() {
  work_.reset();
  if (owner_) owner_->remove(*this);
}

void signet_owner_call::start(Work::Operation operation) {
  work_ = std::make_unique<Work>(owner_->radio(), std::move(operation), owner_->wake());
}

void signet_owner_call::finish(Outcome outcome) {
  outcome_ = std::move(outcome);
  owner_->poke();
}

void signet_owner_call::settle() {
  if (!pending() || !work_ || !work_->has_ended()) return;
  outcome_ = work_->take_outcome();
  result_ = work_->take_result();
}

void signet_owner_call::wait(std::chrono::milliseconds limit) {
  if (pending() && work_) work_->wait(limit);
  settle();
}

void signet_owner_call::cancel() {
  if (work_) work_->cancel();
}

void signet_owner_call::detach() {
  cancel();
  wait(std::chrono::milliseconds{-1});
  work_.reset();
  owner_ = nullptr;
}

void signet_owner_call::on_done(signet_owner_done_fn done, void* userdata) {
  done_ = done;
  done_userdata_ = userdata;
  if (owner_) owner_->poke();  // it may have ended already
}

void signet_owner_call::on_news(signet_owner_news_fn news, void* userdata) {
  news_ = news;
  news_userdata_ = userdata;
  if (owner_) owner_->poke();
}

bool signet_owner_call::deliver_news() {
  const auto news = work_ && news_ ? work_->next_news() : nullptr;
  if (news) news_(this, news.get(), news_userdata_);
  return news != nullptr;
}

void signet_owner_call::deliver_done() {
  if (const auto done = std::exchange(done_, nullptr)) done(this, done_userdata_);
}

// A unit of work that comes to an answer.
#pragma once

#include <memory>
#include <utility>

#include "activation/repository.h"

namespace signet::activation {

// What a unit answers when it is committed: yes, or a no that is on record. A unit that returns an error instead leaves
// nothing behind.
template <class T>
struct Answer {
  Result<T> result;
};

template <class T>
using Decision = std::function<Result<Answer<T>>(Transaction&)>;

// Runs `decision` as a unit of work; `done` gets its answer once that is durable, or the error.
template <class T>
void decide(Repository& repository, Decision<T> decision, Done<T> done) {
  auto answer = std::make_shared<Result<T>>(fail(Errc::internal, "a unit of work without an answer"));
  repository.write(
      [decision = std::move(decision), answer](Transaction& transaction) -> Result<void> {
        SIGNET_ASSIGN(auto decided, decision(transaction));
        *answer = std::move(decided.result);
        return {};
      },
      [done = std::move(done), answer](Result<void> written) {
        if (written) {
          done(std::move(*answer));
        } else {
          done(fail(std::move(written).error()));
        }
      });
}

}  // namespace signet::activation

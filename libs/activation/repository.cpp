#include "activation/repository.h"

#include <future>

namespace signet::activation {

Result<void> write_and_wait(Repository& repository, Repository::Writing work) {
  std::promise<Result<void>> promise;
  auto written = promise.get_future();
  repository.write(std::move(work), [&promise](Result<void> result) { promise.set_value(std::move(result)); });
  return written.get();
}

}  // namespace signet::activation

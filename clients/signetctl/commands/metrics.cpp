// signetctl metrics: the Prometheus text of the daemon.
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"

namespace signet::ctl {

void add_metrics(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("metrics", "Print the daemon's metrics in the Prometheus text format");
  show_examples(*command, "  signetctl metrics > /var/lib/prometheus/node-exporter/rpmbd.prom");
  when_chosen(*command, session, [](Session& s) {
    const std::string text = s.daemon().metrics();
    s.answer({{"text", text}}, [&](std::ostream& out) { out << text; });
    return kSuccess;
  });
}

}  // namespace signet::ctl

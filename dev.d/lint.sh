# Layout and lint.

sources() { git ls-files --cached --others --exclude-standard '*.cpp' '*.h' '*.hpp' '*.c'; }

cmd_format() { #: lay out all sources with clang-format
  install_packages clang-format
  sources | xargs clang-format -i
}

cmd_lint() { #: clang-format, clang-tidy, shellcheck, codespell, mandoc, xmllint; prints headings, and what is wrong
  cmd_setup
  install_packages clang-format clang-tidy shellcheck codespell mandoc libxml2-utils
  say "clang-format"
  sources | xargs clang-format --dry-run -Werror
  say "shellcheck"
  # SC1090, SC2034, SC2154: the parts share their variables. SC2046: lists of words, on purpose.
  git ls-files dev 'dev.d/*.sh' .ci/run systemd/signet-resolving-keys 'tests/*.sh' 'packaging/debian/*.post*' '*.bash' |
    xargs shellcheck --shell=bash --severity=warning --exclude=SC1090,SC2034,SC2046,SC2154
  say "codespell"
  git ls-files ':!tests/vectors' ':!LICENSE' | xargs codespell --ignore-words-list=keypair,master,iif,ue,bu,nd,agian,fo
  say "mandoc"
  git ls-files '*.[1-8]' | xargs -r mandoc -Tlint -W warning
  say "xmllint"
  git ls-files '*.xml' | xargs -r xmllint --noout --nonet --dropdtd
  say "clang-tidy"
  configure_and_build release
  # One of the two sources for libgpiod does not fit the libgpiod of this system.
  git ls-files 'libs/*.cpp' 'daemons/*.cpp' 'clients/*.cpp' | grep -v "gpio_chip_v[^$(pkg-config --modversion libgpiod | cut -c1)]" | tidy_all
}

# tidy_all: clang-tidy over the files on standard input, one process per core.
tidy_all() {
  xargs -n 4 -P "$(nproc)" clang-tidy -p build/release --quiet 2>/dev/null
}

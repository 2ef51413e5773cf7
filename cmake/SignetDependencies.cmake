# What Signet builds on. All of it is packaged by Debian 12 and 13, but for sdbus-c++ 2 on Debian 12 (see ./dev setup).

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(Systemd REQUIRED IMPORTED_TARGET libsystemd)  # sdbus-c++ expects this very name
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
find_package(sdbus-c++ 2.0 REQUIRED)
find_package(sdbus-c++-tools 2.0 REQUIRED)

if(SIGNET_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(SIGNET_BENCH)
  find_package(benchmark REQUIRED)
endif()

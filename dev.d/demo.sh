# The main job, end to end, on an emulated chip: no hardware, no privilege, nothing outside a temporary folder.

cmd_demo() { #: set up, build, and tell the story of a device on an emulated chip
  cmd_setup
  say "building"
  configure_and_build release | tail -1
  tests/story/demo.sh build/release
}

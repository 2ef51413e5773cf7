# The virtual machine beds (tests/vm/README.md): QEMU and a kernel, unpacked into .cache/vm and never installed.

vm_cache=$cache/vm
vm_packages=(python3 busybox-static kmod mmc-utils dbus-daemon debian-archive-keyring systemd-container e2fsprogs)

cmd_vm() { #: run the virtual machine beds [bed...: b d e f g h i j k l m n o]; sets them up first
  cmd_setup
  say "building release"
  configure_and_build release
  vm_setup "$@"
  vm_run "$@"
}

# vm_setup [BED...]: everything that the beds need besides the build; quick the second time. What cannot be had is no failure
# here: the beds that need it are skipped with the reason, which is left in .cache/vm/obstacle.
vm_setup() {
  local reason
  mkdir -p "$vm_cache"
  rm -f "$vm_cache/obstacle"
  install_packages "${vm_packages[@]}"
  if ! reason=$(vm_obstacle && vm_qemu && vm_kernel); then
    say "no virtual machines here: $reason"
    echo "$reason" >"$vm_cache/obstacle"
  fi
  case " ${*:-g} " in
    *" g "* | *" i "* | *" j "* | *" k "* | *" l "* | *" m "* | *" n "* | *" o "*)
      vm_part bluez-bookworm vm_bluez bookworm
      vm_part bluez-trixie vm_bluez trixie
      ;;
  esac
  case " ${*:-b h} " in
    *" b "* | *" h "* | *" m "*) installed_system || say "no system to install the packages on" ;;
  esac
}

# vm_part PART COMMAND...: something that only some beds need; why it cannot be had is left in .cache/vm/PART.obstacle for them.
vm_part() {
  local part=$1 reason
  shift
  rm -f "$vm_cache/$part.obstacle"
  reason=$("$@") && return
  say "no $part here: $reason"
  echo "$reason" >"$vm_cache/$part.obstacle"
}

# vm_obstacle: why no bed can run on this machine; silent when one can. vm_qemu, vm_kernel and vm_bluez
# print the reason on failure, too.
vm_obstacle() {
  [ "$(dpkg --print-architecture)" = amd64 ] || { echo "the guests run this machine's programs, on amd64"; return 1; }
}

# vm_apt RELEASE: the path of the private apt.conf for packages of that Debian.
vm_apt() {
  case $1 in
    trixie) foreign_apt "$vm_cache/apt-trixie" "deb MIRROR trixie main" "deb MIRROR trixie-backports main" ;;
    *) foreign_apt "$vm_cache/apt-$1" "deb MIRROR $1 main" ;;
  esac
}

# QEMU 11 (the first with an eMMC that has RPMB) comes from trixie-backports, with its own loader and libraries.
vm_qemu() {
  local qemu=$vm_cache/qemu
  if [ ! -e "$qemu/ok" ]; then
    say "fetching QEMU 11 from trixie-backports (once, 40 MB, about 15 s)" >&2
    local conf deb
    conf=$(vm_apt trixie) &&
      APT_CONFIG=$conf apt-get -qq -y install --no-install-recommends --download-only -t trixie-backports qemu-system-x86 \
        >"$(log_file vm-qemu)" 2>&1 || { echo "QEMU cannot be fetched; see $(log_file vm-qemu)"; return 1; }
    rm -rf "$qemu"
    mkdir -p "$qemu"
    for deb in "$vm_cache"/apt-trixie/cache/archives/*.deb; do
      dpkg-deb -x "$deb" "$qemu" || { echo "cannot unpack $deb"; return 1; }
    done
    rm -f "$vm_cache"/apt-trixie/cache/archives/*.deb
    touch "$qemu/ok"
  fi
  python3 tests/vm/lib/qemu.py "$vm_cache" >"$(log_file vm-qemu)" 2>&1 || {
    echo "QEMU does not run here: $(tail -1 "$(log_file vm-qemu)")"
    return 1
  }
}

# Debian 12's kernel, on Debian 13 too: one kernel, so that a difference between two runs is ours.
vm_kernel() {
  local kernel=$vm_cache/kernel
  [ ! -e "$kernel/ok" ] || return 0
  say "fetching Debian 12's kernel (once, 70 MB, about 15 s)" >&2
  local conf package
  conf=$(vm_apt bookworm) || { echo "no package list of Debian 12"; return 1; }
  package=$(APT_CONFIG=$conf apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-\)/\1/p' | head -1)
  rm -rf "$kernel"
  mkdir -p "$kernel"
  {
    (cd "$kernel" && APT_CONFIG=$conf apt-get -qq download "$package" && dpkg-deb -x ./*.deb . && rm ./*.deb) &&
      /sbin/depmod -b "$kernel" "$(ls "$kernel/lib/modules")" &&
      python3 tests/vm/lib/kernel.py "$kernel"/boot/vmlinuz-* "$kernel/vmlinux"
  } >"$(log_file vm-kernel)" 2>&1 || { echo "Debian 12's kernel cannot be fetched; see $(log_file vm-kernel)"; return 1; }
  touch "$kernel/ok"
}

# vm_bluez RELEASE: BlueZ of that Debian with all its libraries down to the C library, so that it runs in any guest.
vm_bluez() {
  local bluez=$vm_cache/bluez-$1 conf deb
  [ ! -e "$bluez/ok" ] || return 0
  say "fetching BlueZ of Debian's $1 (once, 30 MB, about 5 s)" >&2
  conf=$(vm_apt "$1") &&
    APT_CONFIG=$conf apt-get -qq -y install --no-install-recommends --download-only bluez bluez-test-tools \
      >"$(log_file "vm-bluez-$1")" 2>&1 || { echo "BlueZ of $1 cannot be fetched; see $(log_file "vm-bluez-$1")"; return 1; }
  rm -rf "$bluez"
  mkdir -p "$bluez"
  for deb in "$vm_cache/apt-$1"/cache/archives/*.deb; do
    dpkg-deb -x "$deb" "$bluez" || { echo "cannot unpack $deb"; return 1; }
  done
  rm -rf "$vm_cache/apt-$1"/cache/archives/*.deb "${bluez:?}/usr/share"
  touch "$bluez/ok"
}

# vm_run [BED...]: one line per bed at the end; fails if a bed failed.
vm_run() {
  local beds=("$@") bed status=0 summary=() log
  [ ${#beds[@]} -gt 0 ] || mapfile -t beds < <(printf '%s\n' tests/vm/bed_*.py | sed 's/.*bed_\(.*\)\.py/\1/')
  for bed in "${beds[@]}"; do
    [ -e "tests/vm/bed_$bed.py" ] || die "no bed '$bed'; there are: $(printf '%s ' tests/vm/bed_*.py)"
    log=$(log_file "bed-$bed")
    say "bed $bed"
    local begin=$SECONDS rc=0 text
    SIGNET_VM=$vm_cache SIGNET_BUILD=$PWD/build/release python3 "tests/vm/bed_$bed.py" 2>&1 | tee "$log" || rc=$?
    case $rc in
      0) text=PASS ;;
      77) text="SKIPPED: $(sed -n 's/^SKIPPED: //p' "$log" | tail -1)" ;;
      *) text="FAIL: $(sed -n 's/^FAIL: //p' "$log" | tail -1)" status=1 ;;
    esac
    summary+=("bed $bed: $text ($((SECONDS - begin)) s)")
  done
  say "virtual machine beds"
  printf '%s\n' "${summary[@]}"
  return $status
}

# bash completion for signetctl(1); names of objects, keys and counters come from the daemon.

_signetctl_names() {
  signetctl --timeout 1 completion "$1" 2>/dev/null
}

# What may follow a command that takes no other command.
_signetctl_words() {
  case $1 in
    "store ls") _signetctl_names objects ;;
    "store get") echo "--output --hex --force"; _signetctl_names objects ;;
    "store put") echo "--file"; _signetctl_names objects ;;
    "store rm") _signetctl_names objects ;;
    "key generate") echo "--algorithm" ;;
    "key public") echo "--format --output --force"; _signetctl_names keys ;;
    "key rm") _signetctl_names keys ;;
    "sign") echo "--file --output --format --force"; _signetctl_names keys ;;
    "verify") echo "--signature --file --public-key --format"; _signetctl_names keys ;;
    "counter increment" | "counter read" | "counter rm") _signetctl_names counters ;;
    "evidence get") echo "--file --output --hex --force" ;;
    "evidence verify") echo "--frames --file" ;;
    "chip provision") echo "--cid --root-backup --dry-run --yes --again" ;;
    "chip format") echo "--cid --region --yes" ;;
    "chip accept") echo "--cid --yes" ;;
    "chip decode-frame") echo "--file --key" ;;
    "doctor") echo "--model --sn --app" ;;
    "register") echo "--model --sn --app --sn-ticket-file" ;;
    "device cancel") echo "--yes" ;;
    "device release") echo "--file --yes" ;;
    "ticket get") echo "--audience --nonce --lifetime --ext-file --client-key --model" ;;
    "ticket decode") echo "--file" ;;
    "ticket verify") echo "--ca --crl --audience --file" ;;
    "registrar sn-ticket") echo "--model" ;;
    "registrar devices") echo "--model --sn" ;;
    "registrar block") echo "--reason" ;;
    "registrar audit") echo "--after --limit" ;;
    "registrar nonce") echo "--audience" ;;
    "registrar verify") echo "--audience --file" ;;
    "registrar crl") echo "hardware emulated --output" ;;
    "registrar ca") echo "--output" ;;
    "fmdn resolve") echo "--device --eik --curve --clock --at --window" ;;
    "fmdn eid") echo "--device --eik --curve --clock --at --count" ;;
    "fmdn frame") echo "--device --eik --curve --clock --at --battery --unwanted-tracking --omit-flags" ;;
    "fmdn seal") echo "--file --profile" ;;
    "fmdn open") echo "--file --output --hex --force --device --eik --curve --clock --at --window" ;;
    "fmdn forget") echo "--yes" ;;
    "fmdn scan") echo "--seconds --mine" ;;
    "fmdn pair") echo "--address --model --antispoofing-key" ;;
    "fmdn provision") echo "--address --eik --yes" ;;
    "fmdn params" | "fmdn state" | "fmdn stop") echo "--address" ;;
    "fmdn ring") echo "--address --components --seconds --volume --wait" ;;
    "fmdn utp") echo "on off --address --skip-ring-auth" ;;
    "fmdn recover") echo "--address --recovery-key" ;;
    "fmdn unprovision") echo "--address --yes" ;;
    "fmdn identify") echo "--address" ;;
    "fmdn sound") echo "--address --stop-after" ;;
    "beacon pairing") echo "--seconds --stop" ;;
    "beacon consent" | "beacon ring") echo "--seconds" ;;
    "beacon reset") echo "--yes" ;;
    "selftest") echo "--vectors --verbose" ;;
    "completion") echo "bash objects keys counters" ;;
    "store") echo "ls get put rm usage" ;;
    "key") echo "generate ls rm public" ;;
    "counter") echo "create increment read rm ls" ;;
    "evidence") echo "get verify" ;;
    "chip") echo "info provision counter decode-frame format accept refresh" ;;
    "device") echo "info cancel release" ;;
    "ticket") echo "get decode verify" ;;
    "registrar")
      echo "sn-ticket devices device block unblock release cancel audit nonce verify crl ca --url --ca --credential-file"
      ;;
    "fmdn")
      echo "scan pair provision params state ring stop utp recover unprovision identify sound devices forget resolve decode eid"
      echo "frame seal open --keyring --keyring-key --keyring-passphrase-file --keyring-passphrase-fd --adapter"
      ;;
    "beacon") echo "status pairing consent identify nfc-url ring stop pause resume reset" ;;
    "")
      echo "status doctor whoami store key sign verify counter evidence chip register device ticket registrar beacon fmdn"
      echo "metrics selftest completion --version"
      ;;
  esac
}

_signetctl() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command="" i
  COMPREPLY=()
  case $previous in
    -f | -o | --file | --output | --signature | --public-key | --frames | --key | --vectors | --sn-ticket-file | \
      --ext-file | --ca | --crl | --credential-file | --keyring | --keyring-key | --keyring-passphrase-file | --eik | \
      --antispoofing-key | --recovery-key)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --root-backup)
      mapfile -t COMPREPLY < <(compgen -W "none-accepted" -- "$word"; compgen -f -- "$word")
      return
      ;;
    --algorithm)
      mapfile -t COMPREPLY < <(compgen -W "ecdsa-p256 hmac-sha256" -- "$word")
      return
      ;;
    --curve)
      mapfile -t COMPREPLY < <(compgen -W "secp160r1 secp256r1" -- "$word")
      return
      ;;
    --battery)
      mapfile -t COMPREPLY < <(compgen -W "unsupported normal low critical" -- "$word")
      return
      ;;
    --profile)
      mapfile -t COMPREPLY < <(compgen -W "spec80 deployed64" -- "$word")
      return
      ;;
    --components)
      mapfile -t COMPREPLY < <(compgen -W "all right left case" -- "$word")
      return
      ;;
    --volume)
      mapfile -t COMPREPLY < <(compgen -W "default low medium high" -- "$word")
      return
      ;;
    --adapter)
      mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/bluetooth 2>/dev/null)" -- "$word")
      return
      ;;
    --client-key)
      mapfile -t COMPREPLY < <(compgen -W "$(_signetctl_names keys)" -- "$word")
      return
      ;;
    --timeout | --cid | --region | --url | --audience | --nonce | --lifetime | --model | --sn | --app | --reason | \
      --after | --limit | --keyring-passphrase-fd | --device | --clock | --at | --window | --count | --seconds | --address | --stop-after)
      return
      ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i - 1]} in --timeout | --url | --ca | --credential-file | --keyring* | --adapter) continue ;; esac
    case "$command ${COMP_WORDS[i]}" in
      *" -"*) continue ;;
      " store" | " key" | " counter" | " evidence" | " chip" | " device" | " ticket" | " registrar" | " beacon" | " fmdn") command=${COMP_WORDS[i]} ;;
      " "*) command=${COMP_WORDS[i]}; break ;;
      *) command+=" ${COMP_WORDS[i]}"; break ;;
    esac
  done
  if [[ $previous == --format ]]; then
    local formats="raw der base64"
    [[ $command == "key public" ]] && formats="pem der"
    mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$word")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$(_signetctl_words "$command") --json --timeout --help" -- "$word")
}

complete -F _signetctl signetctl

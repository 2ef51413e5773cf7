// The Fast Pair service and its characteristics (Fast Pair specification, GATT service), as BlueZ writes them.
#pragma once

namespace signet::fastpair {

inline constexpr const char* kServiceUuid128 = "0000fe2c-0000-1000-8000-00805f9b34fb";
inline constexpr const char* kModelIdUuid = "fe2c1233-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kKeyBasedPairingUuid = "fe2c1234-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kPasskeyUuid = "fe2c1235-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kAccountKeyUuid = "fe2c1236-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kAdditionalDataUuid = "fe2c1237-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kBeaconActionsUuid =
    "fe2c1238-8366-4814-8eb0-01de32100bea";  // the Find My Device Network's
inline constexpr const char* kMessageStreamUuid = "df21fe2c-2515-4fdb-8886-f12c4d67927c";  // of a service over RFCOMM

}  // namespace signet::fastpair

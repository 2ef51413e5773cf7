/* An outside program in C17: every kind of function of the ABI once, against a real rpmbd. Exits with 0 when all is
 * well. */
#include <signet/signet.h>

#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                                                     \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, signet_error_text(client)); \
      return 1;                                                                              \
    }                                                                                        \
  } while (0)

static int check_store(signet_client* client) {
  static const uint8_t kHello[] = {'h', 'e', 'l', 'l', 'o'};
  const signet_change changes[] = {{"a", kHello, sizeof kHello}, {"b", kHello, 1}, {"hello", NULL, 0}};
  uint8_t buffer[16];
  size_t size = sizeof buffer;
  signet_result* result = NULL;

  CHECK(signet_store_put(client, "hello", kHello, sizeof kHello) == SIGNET_OK);
  CHECK(signet_store_get(client, "hello", buffer, &size) == SIGNET_OK);
  CHECK(size == sizeof kHello && memcmp(buffer, kHello, size) == 0);
  CHECK(signet_store_apply(client, changes, 3) == SIGNET_OK);
  CHECK(signet_store_get(client, "hello", NULL, &size) == SIGNET_E_NOT_FOUND);
  CHECK(signet_store_list(client, "", &result) == SIGNET_OK);
  CHECK(signet_result_rows(result) == 2);
  CHECK(strcmp(signet_result_string(result, 1, "name"), "b") == 0);
  signet_result_free(result);
  CHECK(signet_store_usage(client, NULL) == SIGNET_OK);
  CHECK(signet_store_delete(client, "a") == SIGNET_OK);
  return 0;
}

static int check_keys(signet_client* client) {
  static const uint8_t kData[] = "a letter";
  uint8_t signature[SIGNET_SIGNATURE_MAX];
  size_t size = sizeof signature;
  uint8_t der[128];
  size_t der_size = sizeof der;

  CHECK(signet_key_generate(client, "device", SIGNET_ECDSA_P256) == SIGNET_OK);
  CHECK(signet_key_generate(client, "device", SIGNET_ECDSA_P256) == SIGNET_E_ALREADY_EXISTS);
  CHECK(signet_key_sign(client, "device", kData, sizeof kData, signature, &size) == SIGNET_OK);
  CHECK(size == 64);
  CHECK(signet_key_verify(client, "device", kData, sizeof kData, signature, size) == SIGNET_OK);
  CHECK(signet_key_verify(client, "device", kData, 1, signature, size) == SIGNET_E_BAD_SIGNATURE);
  CHECK(signet_key_public(client, "device", der, &der_size) == SIGNET_OK);
  CHECK(signet_key_list(client, NULL) == SIGNET_OK);
  CHECK(signet_key_delete(client, "device") == SIGNET_OK);
  return 0;
}

static int check_counters(signet_client* client) {
  uint64_t first = 0, second = 0, now = 0;
  uint32_t chip = 0;

  CHECK(signet_counter_create(client, "boots", &first) == SIGNET_OK);
  CHECK(signet_counter_increment(client, "boots", &second) == SIGNET_OK);
  CHECK(second > first);
  CHECK(signet_counter_read(client, "boots", &now) == SIGNET_OK && now == second);
  CHECK(signet_counter_list(client, NULL) == SIGNET_OK);
  CHECK(signet_chip_counter(client, &chip) == SIGNET_OK && chip >= now);
  CHECK(signet_counter_delete(client, "boots") == SIGNET_OK);
  return 0;
}

static int check_evidence(signet_client* client) {
  static const uint8_t kFresh[] = "fresh octets of the verifier";
  uint8_t frames[SIGNET_EVIDENCE_SIZE];
  size_t size = sizeof frames;
  signet_result* result = NULL;

  CHECK(signet_evidence_get(client, kFresh, sizeof kFresh, frames, &size) == SIGNET_OK);
  CHECK(size == SIGNET_EVIDENCE_SIZE);
  CHECK(signet_evidence_verify(client, kFresh, sizeof kFresh, frames, size, &result) == SIGNET_OK);
  CHECK(signet_result_string(result, 0, "ueid") != NULL);
  signet_result_free(result);
  frames[300] ^= 1;
  CHECK(signet_evidence_verify(client, kFresh, sizeof kFresh, frames, size, NULL) == SIGNET_E_BAD_SIGNATURE);
  return 0;
}

static int check_calls(signet_client* client) {
  static const uint8_t kOne[] = {1};
  signet_call* put = signet_start_store_put(client, "later", kOne, sizeof kOne);
  signet_call* get = signet_start_store_get(client, "later");
  size_t size = 0;

  CHECK(signet_call_wait(get, -1) == SIGNET_OK);
  CHECK(signet_call_status(put) == SIGNET_OK);
  CHECK(signet_result_bytes(signet_call_result(get), 0, "value", &size) != NULL && size == 1);
  signet_call_free(put);
  signet_call_free(get);
  CHECK(signet_store_delete(client, "later") == SIGNET_OK);
  return 0;
}

int main(void) {
  signet_client* client = NULL;
  signet_result* state = NULL;
  int failed;

  CHECK(signet_open(&client, 0) == SIGNET_OK);
  CHECK(signet_status(client, &state) == SIGNET_OK);
  CHECK(strcmp(signet_result_string(state, 0, "state"), "ready") == 0);
  signet_result_free(state);
  failed = check_store(client) || check_keys(client) || check_counters(client) || check_evidence(client) ||
           check_calls(client);
  signet_close(client);
  if (!failed) printf("libsignet %s: all well\n", signet_version());
  return failed;
}

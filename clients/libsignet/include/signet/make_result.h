/*
 * Results that libsignet did not get from a daemon: for libraries beside it (libsignet-fmdn), and for programs' tests.
 * They are read with the functions of <signet/signet.h> and freed with signet_result_free().
 */
#ifndef SIGNET_MAKE_RESULT_H
#define SIGNET_MAKE_RESULT_H

#include <signet/signet.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Without rows; NULL: out of memory. */
signet_result* signet_result_new(void);

/*
 * The others add to what is there: a row, or a field to the last row. What they are given is copied; octets and texts
 * are wiped when the result is freed. SIGNET_E_INVALID_ARGUMENT: a NULL pointer, or no row; SIGNET_E_INTERNAL: out of
 * memory; then the result is as it was.
 */
int signet_result_add_row(signet_result* result);
int signet_result_add_bool(signet_result* result, const char* field, int value);
int signet_result_add_uint(signet_result* result, const char* field, uint64_t value);
int signet_result_add_double(signet_result* result, const char* field, double value);
int signet_result_add_string(signet_result* result, const char* field, const char* value);
int signet_result_add_bytes(signet_result* result, const char* field, const uint8_t* value, size_t size);
int signet_result_add_strings(signet_result* result, const char* field, const char* const* items, size_t count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif

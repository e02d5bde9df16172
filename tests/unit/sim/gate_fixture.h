/* gate_fixture.h -- a library of five cells whose numbers are round, and netlists of
 * them written by hand. */
#ifndef TESTS_GATE_FIXTURE_H
#define TESTS_GATE_FIXTURE_H

#include "sim/gate_netlist.h"
#include "tests/cmocka_all.h"
#include "tests/scratch.h"

#define FIXTURE_HEAD                                                                \
    "library (small) {\n"                                                           \
    "  voltage_unit : \"1V\"; time_unit : \"1ns\"; leakage_power_unit : \"1nW\";\n" \
    "  capacitive_load_unit (1, pf);\n"                                             \
    "  nom_voltage : 2.0;\n"                                                        \
    "  power_lut_template (by_load_slew) {\n"                                       \
    "    variable_1 : total_output_net_capacitance;\n"                              \
    "    variable_2 : input_transition_time;\n"                                     \
    "    index_1 (\"1, 2\"); index_2 (\"1, 2\");\n  }\n"

#define FIXTURE_OUT(function)                                              \
    "  pin (Y) { direction : output; function : \"" function "\";\n"       \
    "    internal_power () { rise_power (scalar) { values (\"0.02\"); }\n" \
    "      fall_power (scalar) { values (\"0.04\"); } } }\n"

#define FIXTURE_IN(name, pf) \
    "  pin (" name ") { direction : input; capacitance : " pf "; }\n"

#define FIXTURE_LIB                                                                           \
    FIXTURE_HEAD                                                                              \
    "cell (INV) { area : 1; cell_leakage_power : 0.5;\n" FIXTURE_IN("A", "0.01") FIXTURE_OUT( \
        "A'") "}\n"                                                                           \
              "cell (AND2) { area : 2; cell_leakage_power : 1;\n" FIXTURE_IN("A",             \
                                                                             "0.01")          \
                  FIXTURE_IN("B", "0.03") FIXTURE_OUT(                                        \
                      "A B") "}\n"                                                            \
                             "cell (XOR2) { area : 3; cell_leakage_power : "                  \
                             "1;\n" FIXTURE_IN("A", "0.02") FIXTURE_IN("B", "0.02")           \
                                 FIXTURE_OUT(                                                 \
                                     "A^B") "}\n"                                             \
                                            "cell (HUSH) { area : 1;\n" FIXTURE_IN(           \
                                                "A",                                          \
                                                "0.01") "  pin (Y) { direction : "            \
                                                        "output; function : \"A\"; } "        \
                                                        "}\n"                                 \
                                                        "cell (DLAT) { area : 4; "            \
                                                        "latch (IQ, IQN) { enable : "         \
                                                        "\"G\"; data_in : \"D\"; "            \
                                                        "}\n" FIXTURE_IN(                     \
                                                            "G",                              \
                                                            "0.01") FIXTURE_IN("D",           \
                                                                               "0.01")        \
                                                            FIXTURE_OUT(                      \
                                                                "IQ") "}\n"                   \
                                                                      "cell (DFF) { "         \
                                                                      "area : 4; "            \
                                                                      "cell_leakage_"         \
                                                                      "power : 2;\n"          \
                                                                      "  ff (IQ, "            \
                                                                      "IQN) { "               \
                                                                      "next_state : "         \
                                                                      "\"D\"; "               \
                                                                      "clocked_on : "         \
                                                                      "\"CK\"; "              \
                                                                      "}"                     \
                                                                      "\n" FIXTURE_IN(        \
                                                                          "D",                \
                                                                          "0.01") "  "        \
                                                                                  "pi"        \
                                                                                  "n "        \
                                                                                  "(C"        \
                                                                                  "K)"        \
                                                                                  " {"        \
                                                                                  " d"        \
                                                                                  "ir"        \
                                                                                  "ec"        \
                                                                                  "ti"        \
                                                                                  "on"        \
                                                                                  " :"        \
                                                                                  " i"        \
                                                                                  "np"        \
                                                                                  "ut"        \
                                                                                  "; "        \
                                                                                  "cl"        \
                                                                                  "oc"        \
                                                                                  "k "        \
                                                                                  ": "        \
                                                                                  "tr"        \
                                                                                  "ue"        \
                                                                                  "; "        \
                                                                                  "ca"        \
                                                                                  "pa"        \
                                                                                  "ci"        \
                                                                                  "ta"        \
                                                                                  "nc"        \
                                                                                  "e "        \
                                                                                  ": "        \
                                                                                  "0."        \
                                                                                  "02"        \
                                                                                  ";"         \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "in"        \
                                                                                  "te"        \
                                                                                  "rn"        \
                                                                                  "al"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "ri"        \
                                                                                  "se"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  "sc"        \
                                                                                  "al"        \
                                                                                  "ar"        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "va"        \
                                                                                  "lu"        \
                                                                                  "es"        \
                                                                                  " ("        \
                                                                                  "\""        \
                                                                                  "0."        \
                                                                                  "1"         \
                                                                                  "\""        \
                                                                                  ");"        \
                                                                                  " }"        \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "fa"        \
                                                                                  "ll"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  "sc"        \
                                                                                  "al"        \
                                                                                  "ar"        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "va"        \
                                                                                  "lu"        \
                                                                                  "es"        \
                                                                                  " ("        \
                                                                                  "\""        \
                                                                                  "0."        \
                                                                                  "3"         \
                                                                                  "\""        \
                                                                                  ");"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "pi"        \
                                                                                  "n "        \
                                                                                  "(Q"        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "di"        \
                                                                                  "re"        \
                                                                                  "ct"        \
                                                                                  "io"        \
                                                                                  "n "        \
                                                                                  ": "        \
                                                                                  "ou"        \
                                                                                  "tp"        \
                                                                                  "ut"        \
                                                                                  "; "        \
                                                                                  "fu"        \
                                                                                  "nc"        \
                                                                                  "ti"        \
                                                                                  "on"        \
                                                                                  " :"        \
                                                                                  " "         \
                                                                                  "\""        \
                                                                                  "IQ"        \
                                                                                  "\""        \
                                                                                  ";"         \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "in"        \
                                                                                  "te"        \
                                                                                  "rn"        \
                                                                                  "al"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "ri"        \
                                                                                  "se"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  "sc"        \
                                                                                  "al"        \
                                                                                  "ar"        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "va"        \
                                                                                  "lu"        \
                                                                                  "es"        \
                                                                                  " ("        \
                                                                                  "\""        \
                                                                                  "0."        \
                                                                                  "5"         \
                                                                                  "\""        \
                                                                                  ");"        \
                                                                                  " }"        \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "fa"        \
                                                                                  "ll"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  "sc"        \
                                                                                  "al"        \
                                                                                  "ar"        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "va"        \
                                                                                  "lu"        \
                                                                                  "es"        \
                                                                                  " ("        \
                                                                                  "\""        \
                                                                                  "0."        \
                                                                                  "5"         \
                                                                                  "\""        \
                                                                                  ");"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "pi"        \
                                                                                  "n "        \
                                                                                  "(Q"        \
                                                                                  "N)"        \
                                                                                  " {"        \
                                                                                  " d"        \
                                                                                  "ir"        \
                                                                                  "ec"        \
                                                                                  "ti"        \
                                                                                  "on"        \
                                                                                  " :"        \
                                                                                  " o"        \
                                                                                  "ut"        \
                                                                                  "pu"        \
                                                                                  "t;"        \
                                                                                  " f"        \
                                                                                  "un"        \
                                                                                  "ct"        \
                                                                                  "io"        \
                                                                                  "n "        \
                                                                                  ": "        \
                                                                                  "\""        \
                                                                                  "IQ"        \
                                                                                  "N"         \
                                                                                  "\""        \
                                                                                  ";"         \
                                                                                  "\n"        \
                                                                                  "  "        \
                                                                                  "  "        \
                                                                                  "in"        \
                                                                                  "te"        \
                                                                                  "rn"        \
                                                                                  "al"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "ri"        \
                                                                                  "se"        \
                                                                                  "_p"        \
                                                                                  "ow"        \
                                                                                  "er"        \
                                                                                  " ("        \
                                                                                  "sc"        \
                                                                                  "al"        \
                                                                                  "ar"        \
                                                                                  ") "        \
                                                                                  "{ "        \
                                                                                  "va"        \
                                                                                  "lu"        \
                                                                                  "es"        \
                                                                                  " ("        \
                                                                                  "\""        \
                                                                                  "0"         \
                                                                                  "\""        \
                                                                                  ");"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  " }"        \
                                                                                  "\n"        \
                                                                                  "}"         \
                                                                                  "\n"

/* A module of Yosys' JSON: ports and cells as text. */
#define FIXTURE_NETLIST(ports, cells) \
    "{\"modules\": {\"top\": {\"ports\": {" ports "}, \"cells\": {" cells "}}}}"
#define FIXTURE_PORT(name, direction, bits) \
    "\"" name "\": {\"direction\": \"" direction "\", \"bits\": [" bits "]}"
#define FIXTURE_CELL(name, type, connections) \
    "\"" name "\": {\"type\": \"" type "\", \"connections\": {" connections "}}"

/* Library and netlist, in arena. */
static inline status fixture_load(struct scratch *s, const char *netlist,
                                  struct arena *a, struct gate_netlist *out,
                                  struct err *err)
{
    struct liberty *l = ARENA_NEW(a, struct liberty, 1);
    const char *lib = arena_strdup(a, scratch_file(s, "small.lib", FIXTURE_LIB));
    const char *json = arena_strdup(a, scratch_file(s, "top.json", netlist));
    assert_true(l && lib && json);
    assert_ok(liberty_load(lib, a, l, err), *err);
    return gate_netlist_load(json, NULL, l, a, out, err);
}

/* Net of a one-bit port. */
static inline int32_t fixture_net(const struct gate_netlist *n, const char *port)
{
    const struct gate_port *p = gate_netlist_port(n, port);
    assert_non_null(p);
    return p->nets[0];
}

#endif

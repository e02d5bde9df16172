/* ilp.c -- the exact optimum of the additive proxy under any number of budgets.
 *
 * Sensitivities (sensitivity.h) and an integer linear programme (mip.h), as HAWQ-V3
 * (Yao et al., 2021) does with Hessian traces: the reference for every method on the
 * proxy, and a measure of how far the proxy itself can be trusted. */
#include "search/additive.h"
#include "search/mip.h"

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    return additive_search(task, mip_improve, a, out, err);
}

const struct search_method search_method_ilp = {
    .name = "ilp",
    .summary = "sensitivity of each candidate, and the exact optimum under the budgets",
    .run = run,
};

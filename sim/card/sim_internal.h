/* What tests of the world need beside sim.h. */
#ifndef WT_SIM_INTERNAL_H
#define WT_SIM_INTERNAL_H

#include "sim/card/sim.h"
#include "sim/card/wt_model.h"

#define WT_SIM_READ_TIMEOUT_NS 100000u /**< a read that has no completion by then: -ETIMEDOUT */
#define WT_SIM_WATCHDOG_NS 50000000u   /**< busy, and not one beat moved */
#define WT_SIM_ACTORS 8u

/** wt_sim_create with this card; config->model_path is not used. api must outlive the world. */
int wt_sim_create_with(const struct wt_model_api *api, const struct wt_sim_config *config, struct wt_sim **sim);
/** The model behind a world. */
void *wt_sim_model(struct wt_sim *sim);

#endif

/* element_fields.h -- the parameters that each module has, as keys of cost.yaml. */
#ifndef COSTMODEL_ELEMENT_FIELDS_H
#define COSTMODEL_ELEMENT_FIELDS_H

#include "costmodel/element.h"

struct element_field {
    const char *name;
    size_t offset; /* in struct element, of an int32_t or a bool */
    bool is_bool;
    int32_t lo, hi;
    unsigned modules; /* bit of each enum element_module that has it */
};
/* Ends with a NULL name.  Fields that a module may lack (op_*) have lo 0. */
extern const struct element_field element_fields[];

int32_t element_field_get(const struct element_field *f, const struct element *e);
void element_field_set(const struct element_field *f, struct element *e, int32_t v);

#endif

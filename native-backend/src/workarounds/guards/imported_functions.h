#pragma once

// Functions that libmlx calls in other libraries are replaced for it alone, in its table of imported functions.
namespace mlx_router {

/** Lets libmlx call `replacement` instead of the function whose symbol is `name`; false where it imports none such. */
bool replace_imported_function(const char* name, void* replacement);

/** The function that libmlx calls by that symbol, of whichever library; null where it imports none such. */
void* imported_function(const char* name);

}  // namespace mlx_router

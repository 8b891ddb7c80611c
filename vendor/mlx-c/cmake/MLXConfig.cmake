# What find_package(MLX) finds while mlx-c is built: the wheel's library and headers, nothing more. The wheel's own
# file also demands the CUDA toolkit, which nobody needs who only links against a finished libmlx.
if(NOT EXISTS "${MLX_WHEEL}/include/mlx/mlx.h")
  message(FATAL_ERROR "MLX_WHEEL must point to the folder mlx of the installed wheel, got \"${MLX_WHEEL}\"")
endif()

set(MLX_LIBRARY "${MLX_WHEEL}/lib/libmlx${CMAKE_SHARED_LIBRARY_SUFFIX}")
set(MLX_INCLUDE_DIRS "${MLX_WHEEL}/include")
if(APPLE)
  list(APPEND MLX_INCLUDE_DIRS "${MLX_WHEEL}/include/metal_cpp")
endif()

add_library(mlx SHARED IMPORTED)
set_target_properties(mlx PROPERTIES
  IMPORTED_LOCATION "${MLX_LIBRARY}"
  INTERFACE_COMPILE_FEATURES cxx_std_20
  INTERFACE_INCLUDE_DIRECTORIES "${MLX_INCLUDE_DIRS}")
set(MLX_FOUND TRUE)

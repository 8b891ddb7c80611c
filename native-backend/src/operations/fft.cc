#include "operations/bind.h"

MLX_OP(fft_fft);
MLX_OP(fft_fft2);
MLX_OP(fft_fftfreq);
MLX_OP(fft_fftn);
MLX_OP(fft_fftshift);
MLX_OP(fft_ifft);
MLX_OP(fft_ifft2);
MLX_OP(fft_ifftn);
MLX_OP(fft_ifftshift);
MLX_OP(fft_irfft);
MLX_OP(fft_irfft2);
MLX_OP(fft_irfftn);
MLX_OP(fft_rfft);
MLX_OP(fft_rfft2);
MLX_OP(fft_rfftfreq);
MLX_OP(fft_rfftn);

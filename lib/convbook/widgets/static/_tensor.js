// Small tensors in the browser: a convolution, pooling and normalisation, forward and backward.
// All arrays are flat, row by row; images are (c, h, w), kernels (f, c, k, k). Held against PyTorch by tests.

/** @typedef {Float64Array | Float32Array | number[]} Flat */
/** @typedef {{ channels: number, height: number, width: number, filters: number, side: number, wide?: number,
 *   stride?: number, padding?: number, dilation?: number }} Convolution `side` is the kernels' height, and their width too if
 *   there is no `wide` */

/**
 * How many places a window has along one side.
 * @param {number} length
 * @param {number} side
 * @param {number} stride
 * @param {number} padding
 * @param {number} dilation
 */
export function places(length, side, stride = 1, padding = 0, dilation = 1) {
  return Math.floor((length + 2 * padding - dilation * (side - 1) - 1) / stride) + 1;
}

/**
 * Call `act` for every product of a convolution, with flat places in output, image and kernels.
 * @param {Convolution} how
 * @param {(output: number, pixel: number, weight: number) => void} act
 */
export function eachProduct(how, act) {
  const { channels, height, width, filters, side, wide = side, stride = 1, padding = 0, dilation = 1 } = how;
  const [rows, columns] = [places(height, side, stride, padding, dilation), places(width, wide, stride, padding, dilation)];
  let output = 0;
  for (let f = 0; f < filters; f++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++, output++) {
        for (let channel = 0; channel < channels; channel++) {
          for (let i = 0; i < side; i++) {
            const y = r * stride - padding + i * dilation;
            if (y < 0 || y >= height) continue;
            for (let j = 0; j < wide; j++) {
              const x = c * stride - padding + j * dilation;
              if (x >= 0 && x < width) act(output, (channel * height + y) * width + x, ((f * channels + channel) * side + i) * wide + j);
            }
          }
        }
      }
    }
  }
}

/**
 * The maps (f, h', w') of a convolution.
 * @param {Flat} image
 * @param {Flat} kernels
 * @param {Convolution} how
 * @param {Flat} [bias]
 */
export function conv2d(image, kernels, how, bias) {
  const { channels, height, width, filters, side, wide = side, stride = 1, padding = 0, dilation = 1 } = how;
  const [rows, columns] = [places(height, side, stride, padding, dilation), places(width, wide, stride, padding, dilation)];
  const maps = new Float64Array(filters * rows * columns);
  // Weight by weight: each is multiplied with all pixels that it meets. Several times as fast as `eachProduct`.
  for (let f = 0; f < filters; f++) {
    if (bias) maps.fill(bias[f], f * rows * columns, (f + 1) * rows * columns);
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < side; i++) {
        const up = i * dilation - padding;
        const [top, bottom] = [first(up, stride), last(up, stride, height, rows)];
        for (let j = 0; j < wide; j++) {
          const weight = kernels[((f * channels + channel) * side + i) * wide + j];
          const over = j * dilation - padding;
          const [from, to] = [first(over, stride), last(over, stride, width, columns)];
          for (let r = top; r < bottom; r++) {
            let output = (f * rows + r) * columns + from;
            let pixel = (channel * height + r * stride + up) * width + from * stride + over;
            for (let c = from; c < to; c++, output++, pixel += stride) maps[output] += weight * image[pixel];
          }
        }
      }
    }
  }
  return maps;
}

/** The first place at which a weight, `before` pixels after the window's place, lies on the image. @param {number} before @param {number} stride */
function first(before, stride) {
  return before < 0 ? Math.ceil(-before / stride) : 0;
}

/** One more than the last such place. @param {number} before @param {number} stride @param {number} length @param {number} places */
function last(before, stride, length, places) {
  return Math.max(0, Math.min(places, Math.floor((length - 1 - before) / stride) + 1));
}

/**
 * What the loss's gradient at the maps becomes at image, kernels and bias.
 * @param {Flat} image
 * @param {Flat} kernels
 * @param {Convolution} how
 * @param {Flat} gradient of the maps
 */
export function conv2dBackward(image, kernels, how, gradient) {
  const toImage = new Float64Array(image.length);
  const toKernels = new Float64Array(kernels.length);
  const toBias = new Float64Array(how.filters);
  eachProduct(how, (output, pixel, weight) => {
    toImage[pixel] += gradient[output] * kernels[weight];
    toKernels[weight] += gradient[output] * image[pixel];
  });
  const size = gradient.length / how.filters;
  for (let i = 0; i < gradient.length; i++) toBias[Math.floor(i / size)] += gradient[i];
  return { image: toImage, kernels: toKernels, bias: toBias };
}

/** @typedef {{ channels: number, height: number, width: number, side: number, stride?: number, padding?: number }} Pooling */

/**
 * Call `act` for every pixel that a window of a pooling covers; padding is left out.
 * @param {Pooling} how
 * @param {(output: number, pixel: number) => void} act
 */
function eachPooled({ channels, height, width, side, stride = side, padding = 0 }, act) {
  const [rows, columns] = [places(height, side, stride, padding), places(width, side, stride, padding)];
  for (let output = 0; output < channels * rows * columns; output++) {
    const channel = Math.floor(output / (rows * columns));
    const top = (Math.floor(output / columns) % rows) * stride - padding;
    const left = (output % columns) * stride - padding;
    for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) act(output, (channel * height + y) * width + x);
    }
  }
}

/**
 * Maximum or mean of each window of each channel, and the pixel a maximum came from (the first of equals). As in PyTorch,
 * padding is never the largest, and a mean counts it as zeros.
 * @param {Flat} image
 * @param {Pooling} how
 * @param {"max" | "mean"} kind
 */
export function pool(image, how, kind) {
  const { channels, height, width, side, stride = side, padding = 0 } = how;
  const size = channels * places(height, side, stride, padding) * places(width, side, stride, padding);
  const values = new Float64Array(size).fill(kind === "max" ? -Infinity : 0);
  const from = new Int32Array(size);
  eachPooled(how, (output, pixel) => {
    if (kind === "mean") values[output] += image[pixel] / (side * side);
    else if (image[pixel] > values[output]) {
      values[output] = image[pixel];
      from[output] = pixel;
    }
  });
  return { values, from };
}

/**
 * The gradient of a mean is shared by all pixels of its window.
 * @param {number} pixels
 * @param {Pooling} how
 * @param {Flat} gradient
 */
export function meanPoolBackward(pixels, how, gradient) {
  const toImage = new Float64Array(pixels);
  eachPooled(how, (output, pixel) => (toImage[pixel] += gradient[output] / (how.side * how.side)));
  return toImage;
}

/**
 * The gradient of a maximum goes to the pixel it came from; `from` is what `pool` returned.
 * @param {number} pixels
 * @param {Int32Array} from
 * @param {Flat} gradient
 */
export function maxPoolBackward(pixels, from, gradient) {
  const toImage = new Float64Array(pixels);
  from.forEach((pixel, output) => (toImage[pixel] += gradient[output]));
  return toImage;
}

/**
 * Values less their mean, over their spread, and the gradient behind that.
 * @param {Flat} values one group that shares mean and variance
 * @param {Flat} [gradient]
 * @param {number} [epsilon]
 */
export function normalise(values, gradient, epsilon = 1e-5) {
  const n = values.length;
  const sum = (/** @type {(i: number) => number} */ part) => {
    let total = 0;
    for (let i = 0; i < n; i++) total += part(i);
    return total;
  };
  const mean = sum((i) => values[i]) / n;
  const spread = Math.sqrt(sum((i) => (values[i] - mean) ** 2) / n + epsilon);
  const normal = Float64Array.from(values, (value) => (value - mean) / spread);
  if (!gradient) return { values: normal, gradient: new Float64Array(0) };
  const [g, gn] = [sum((i) => gradient[i]) / n, sum((i) => gradient[i] * normal[i]) / n];
  return { values: normal, gradient: Float64Array.from(normal, (value, i) => (gradient[i] - g - value * gn) / spread) };
}

/**
 * The group of every number of a batch (n, c, h, w) under a normalisation: numbers of one group share mean and variance.
 * @param {"batch" | "layer" | "instance" | "group"} kind
 * @param {number[]} shape n, c, h, w
 * @param {number} [groups] of channels, for "group"
 */
export function groupsOf(kind, [n, c, h, w], groups = 1) {
  return Int32Array.from({ length: n * c * h * w }, (_, i) => {
    const [image, channel] = [Math.floor(i / (c * h * w)), Math.floor(i / (h * w)) % c];
    if (kind === "batch") return channel;
    if (kind === "layer") return image;
    return kind === "instance" ? image * c + channel : image * groups + Math.floor((channel * groups) / c);
  });
}

/**
 * The running mean and variance of each channel after a number of batches, which come in order and over again; a start of 0 and 1,
 * and unbiased variances, as in PyTorch. A batch with one number for a channel changes nothing: PyTorch refuses it.
 * @param {Flat[]} values of each channel of the first batch, of the second, and so on
 * @param {number} channels
 * @param {number} batches that were seen
 * @param {number} [momentum] the share of a new batch
 */
export function runningStatistics(values, channels, batches, momentum = 0.1) {
  const running = Array.from({ length: channels }, () => ({ mean: 0, variance: 1 }));
  const found = values.map((own) => {
    const mean = Array.from(own).reduce((sum, value) => sum + value, 0) / own.length;
    return { mean, variance: Array.from(own).reduce((sum, value) => sum + (value - mean) ** 2, 0) / (own.length - 1), many: own.length };
  });
  for (let step = 0; step < batches * channels; step++) {
    const [{ mean, variance, many }, kept] = [found[step % found.length], running[step % channels]];
    if (many < 2) continue;
    kept.mean += momentum * (mean - kept.mean);
    kept.variance += momentum * (variance - kept.variance);
  }
  return running;
}

/**
 * Normalise each group of a batch by itself, and the gradient behind that.
 * @param {Flat} values
 * @param {ArrayLike<number>} groups what `groupsOf` returned
 * @param {Flat} [gradient]
 * @param {number} [epsilon]
 */
export function normaliseGroups(values, groups, gradient, epsilon = 1e-5) {
  /** @type {Map<number, number[]>} */
  const members = new Map();
  for (let i = 0; i < values.length; i++) {
    const own = members.get(groups[i]) ?? [];
    own.push(i);
    members.set(groups[i], own);
  }
  const found = { values: new Float64Array(values.length), gradient: new Float64Array(gradient ? values.length : 0) };
  for (const own of members.values()) {
    const one = normalise(own.map((i) => values[i]), gradient && own.map((i) => gradient[i]), epsilon);
    own.forEach((i, k) => {
      found.values[i] = one.values[k];
      if (gradient) found.gradient[i] = one.gradient[k];
    });
  }
  return found;
}

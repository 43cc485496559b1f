// Pictures travel as base64: some hosts lose binary buffers.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = new Uint8Array(128);
for (let i = 0; i < 64; i++) CODES[LETTERS.charCodeAt(i)] = i;

/**
 * Bytes from base64; written out, as the engine of the still pictures has no `atob`.
 * @param {string} text
 */
export function bytesOf(text) {
  const letters = text.replace(/=+$/, "");
  const bytes = new Uint8ClampedArray(Math.floor((letters.length * 3) / 4));
  let [held, bits, at] = [0, 0, 0];
  for (let i = 0; i < letters.length; i++) {
    held = (held << 6) | CODES[letters.charCodeAt(i)];
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
  }
  return bytes;
}

/**
 * Bytes as base64.
 * @param {Uint8ClampedArray} bytes
 */
export function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const kept = Math.min(3, bytes.length - i) + 1;
    for (let k = 0; k < 4; k++) text += k < kept ? LETTERS[(three >> (18 - 6 * k)) & 63] : "=";
  }
  return text;
}

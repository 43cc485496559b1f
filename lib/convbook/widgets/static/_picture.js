// Pictures of one's own: from a file, or from the camera. They stay in the browser.

import { button, make } from "./_stage.js";

/** @typedef {(grays: Uint8ClampedArray<ArrayBuffer>) => void} Take */

/**
 * The grays of a picture or video, cut to the shape of (rows, columns) round its middle.
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {[number, number]} size
 */
function graysOf(source, width, height, [rows, columns]) {
  const small = new OffscreenCanvas(columns, rows);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d", { willReadFrequently: true }));
  const scale = Math.max(columns / width, rows / height);
  pen.drawImage(source, (columns - width * scale) / 2, (rows - height * scale) / 2, width * scale, height * scale);
  const { data } = pen.getImageData(0, 0, columns, rows);
  return Uint8ClampedArray.from({ length: rows * columns }, (_, i) =>
    0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
}

/**
 * @param {() => [number, number]} size
 * @param {Take} take
 */
export function fileButton(size, take) {
  const input = make("input", "", { type: "file", accept: "image/*", hidden: "" });
  const ask = button("Your picture", () => input.click(), "Your picture: choose a file");
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      take(graysOf(picture, picture.width, picture.height, size()));
      ask.textContent = "Your picture";
    } catch {
      ask.textContent = "Not a picture; choose another";
    }
  });
  return { element: make("span", "", {}, ask, input) };
}

/**
 * @param {() => [number, number]} size
 * @param {Take} take
 */
export function cameraButton(size, take) {
  const status = make("span", "cb-quiet", { role: "status" });
  const video = document.createElement("video");
  /** @type {MediaStream | null} */
  let stream = null;
  let frame = 0;
  const toggle = button("Camera", () => (stream ? stop() : start()));
  toggle.hidden = !navigator.mediaDevices?.getUserMedia;
  const stop = () => {
    cancelAnimationFrame(frame);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    toggle.textContent = "Camera";
  };
  const show = () => {
    if (!stream) return;
    if (video.videoWidth) take(graysOf(video, video.videoWidth, video.videoHeight, size()));
    frame = requestAnimationFrame(show);
  };
  const start = async () => {
    status.textContent = "";
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: true });
      video.srcObject = stream;
      await video.play();
      toggle.textContent = "Stop the camera";
      show();
    } catch {
      stop();
      status.textContent = "The camera cannot be used here: allow it in the browser, or choose a file.";
    }
  };
  return { element: toggle, status, stop };
}

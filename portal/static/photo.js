// Scales a chosen photo down before it is sent, where the browser can. Without it the photo goes as it is.
"use strict";
document.addEventListener("change", async (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.type !== "file" || !field.files.length || !window.createImageBitmap) return;
  const file = field.files[0];
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 400000) return;
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, 2000 / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob || blob.size >= file.size) return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    field.files = chosen.files;
  } catch (error) {
    // The photo stays as it was chosen.
  }
});

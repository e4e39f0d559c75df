// Pictures from a phone are made smaller before they leave: <form data-shrink>. That also leaves
// behind where they were taken.

const LONGEST = 1600; // px
const SMALL = 300_000; // bytes that leave as they are

async function smaller(file) {
  if (file.size < SMALL || !file.type.startsWith("image/")) return file;
  const picture = await window.createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const data = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
  return data && data.size < file.size ? new File([data], "photo.jpg", { type: "image/jpeg" }) : file;
}

document.addEventListener("change", async (event) => {
  const field = event.target;
  if (field.type !== "file" || !field.form?.matches("[data-shrink]")) return;
  const kept = new DataTransfer();
  for (const file of field.files) kept.items.add(await smaller(file).catch(() => file));
  field.files = kept.files;
});

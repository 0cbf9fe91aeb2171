// node-signpdf as its README does it: node sign.mjs IN OUT P12 PASSPHRASE NAME
import { readFileSync, writeFileSync } from "node:fs";
import { SignPdf } from "@signpdf/signpdf";
import { plainAddPlaceholder } from "@signpdf/placeholder-plain";
import { P12Signer } from "@signpdf/signer-p12";

const [source, target, key, passphrase, name] = process.argv.slice(2);
const prepared = plainAddPlaceholder({
  pdfBuffer: readFileSync(source),
  reason: "Ky duyet",
  contactInfo: "",
  name,
  location: "Lai Chau",
  signatureLength: 16384,
});
const signer = new P12Signer(readFileSync(key), { passphrase });
writeFileSync(target, await new SignPdf().sign(prepared, signer));

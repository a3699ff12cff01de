export { awaitReceipt, readReceipt } from "./read-receipt.ts";
export { Receipt, ReceiptId } from "./schemas.ts";

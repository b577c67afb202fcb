import { SOURCE_DOCUMENT_BYTES } from '../../limits.ts';
import type { YamlFile } from './yaml-document.ts';

/** The text, or its bytes as they are read where they are no UTF-8. */
export function decodeDocument(file: string, bytes: Buffer): YamlFile {
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    // A text that was cut at the limit is refused for its length.
    const isCut = bytes.length > SOURCE_DOCUMENT_BYTES;
    return { file, text: bytes.toString('utf8'), ...(!isCut && { isUtf8: false }) };
  }
}

/**
 * Whether more than so many brackets, of both kinds, are open at once in JSON or YAML. What parses it keeps each open one in
 * memory before anybody can say that it nests too deeply. Those inside texts count as well, so that the limit is to be far
 * above what people write.
 */
export function opensMoreThan(text: string, most: number): boolean {
  // A short text cannot: most are.
  if (text.length <= most) return false;
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) | 0x20;
    if (code === 0x7b) open += 1;
    else if (code === 0x7d && open > 0) open -= 1;
    if (open > most) return true;
  }
  return false;
}

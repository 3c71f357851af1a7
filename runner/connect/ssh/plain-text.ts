/** A host's words made fit for a terminal: control characters become blanks, runs of them one, and it stays short. */
export function plainText(text: string, longest = 300): string {
  // eslint-disable-next-line no-control-regex
  const plain = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+/g, ' ')
    .trim()
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

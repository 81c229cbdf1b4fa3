// Places in double braces: filled with what is known, and found again while they still wait for words. As `handoff/writing/placeholders.py` has them.
const PLACE = /(,?[ \t]*)\{\{\s*(\w+)\s*(\??)\s*\}\}/g;

/**
 * What is known stands in its place; an optional place („Tere, {{name?}}!“) of which nothing is known goes, with the comma before it; any other stays, under a name that people know.
 * @param {string} text @param {Record<string, string>} values @param {(name: string) => string} label
 */
export function fill(text, values, label) {
  return text.replace(PLACE, (_whole, before, name, optional) => (values[name] ? before + values[name] : optional ? "" : `${before}{{${label(name)}}}`));
}

/** The first place that still waits, at or after a position. @param {string} text @param {number} [from] @returns {{start: number, end: number, label: string} | null} */
export function gap(text, from = 0) {
  const found = /\{\{([^{}]*)\}\}/g;
  found.lastIndex = from;
  const place = found.exec(text);
  return place && { start: place.index, end: place.index + place[0].length, label: place[1].trim() };
}

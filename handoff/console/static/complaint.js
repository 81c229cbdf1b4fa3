// A complaint: how it is known.

const TAG = "kaebus"; // as `handoff/conversations/complaints.py` has it

/** The bot has handed it over as one, or a colleague has seen one in it. @param {any} conversation */
export const complains = ({ tags }) => tags.some((/** @type {string} */ tag) => tag.toLowerCase() === TAG);

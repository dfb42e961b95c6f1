/** So long after its first key, the second of a sequence such as G I still belongs to it. */
export const sequenceMs = 1200;

/** Replaces the engine, which these tests do not use. */
export default '';

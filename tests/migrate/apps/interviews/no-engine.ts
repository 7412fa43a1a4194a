/** In the place of the engine, which none of these tests needs. */
export default '';

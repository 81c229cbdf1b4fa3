/** Whether this is the page: a path; with `*` at its end, every path that begins so. (The service's `Rule.fits` decides the same way.) */
export const fits = (page) => (page.endsWith("*") ? location.pathname.startsWith(page.slice(0, -1)) : location.pathname === page);

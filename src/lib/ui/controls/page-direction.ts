/**
 * Which way the interface is read. What the component library opens has to be told: it takes left to right for
 * granted and says so to the browser, whatever stands around it.
 */
export function pageDirection(): 'ltr' | 'rtl' {
	return document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr';
}

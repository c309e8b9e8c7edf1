/** Texts that want to be more than that: vectors, and the places in a message where each of them is put. */

/** Sets a mark, if anything runs it. */
const run = (name: string): string => `globalThis.payloadRan='${name}'`;

const handlers: readonly (readonly [name: string, markup: (handler: string) => string])[] = [
	['img', (js) => `<img src=x onerror="${js}">`],
	['img-bare', (js) => `<img src=x onerror=${js}//`],
	['img-slash', (js) => `<img/src/onerror=${js}>`],
	['img-newline', (js) => `<img\nsrc=x\nonerror="${js}"\n>`],
	['img-srcset', (js) => `<img srcset=x onerror="${js}">`],
	['image', (js) => `<image src=x onerror="${js}">`],
	['svg', (js) => `<svg onload="${js}">`],
	['svg-slash', (js) => `<svg/onload=${js}>`],
	['svg-animate', (js) => `<svg><animate onbegin="${js}" attributeName=x dur=1s>`],
	['svg-set', (js) => `<svg><set onbegin="${js}" attributename=x to=1>`],
	['svg-foreign', (js) => `<svg><foreignObject><img src=x onerror="${js}"></foreignObject></svg>`],
	['svg-style', (js) => `<svg><style><img src="</style><img src=x onerror='${js}'>"></svg>`],
	['math', (js) => `<math><mtext><table><mglyph><style><img src=x onerror="${js}">`],
	['body', (js) => `<body onload="${js}" onpageshow="${js}">`],
	['input', (js) => `<input autofocus onfocus="${js}">`],
	['select', (js) => `<select autofocus onfocus="${js}">`],
	['textarea', (js) => `</textarea><textarea autofocus onfocus="${js}">`],
	['details', (js) => `<details open ontoggle="${js}">x</details>`],
	['video', (js) => `<video><source onerror="${js}"></video>`],
	['audio', (js) => `<audio src=x onerror="${js}"></audio>`],
	['marquee', (js) => `<marquee onstart="${js}">x</marquee>`],
	['object', (js) => `<object data=x onerror="${js}"></object>`],
	['style-end', (js) => `</style><img src=x onerror="${js}">`],
	['title-end', (js) => `</title><img src=x onerror="${js}">`],
	['noscript', (js) => `<noscript><p title="</noscript><img src=x onerror='${js}'>">`],
	['template', (js) => `<template><img src=x onerror="${js}"></template>`],
	['comment', (js) => `<!--><img src=x onerror="${js}">-->`],
	['cdata', (js) => `<![CDATA[><img src=x onerror="${js}">]]>`],
	['attribute-double', (js) => `" onmouseover="${js}" onfocus="${js}" autofocus x="`],
	['attribute-single', (js) => `' onmouseover='x' onfocus=${js} autofocus x='`],
	['attribute-tag', (js) => `"><img src=x onerror="${js}">`],
	['popover', (js) => `<div popover id=p onbeforetoggle="${js}">x</div>`],
	['animation', (js) => `<div style="animation: layer 1s" onanimationstart="${js}">x</div>`],
	[
		'content-visibility',
		(js) => `<p oncontentvisibilityautostatechange="${js}" style="content-visibility:auto">`
	]
];

const scripts: readonly (readonly [name: string, text: (js: string) => string])[] = [
	['script', (js) => `<script>${js}</script>`],
	['script-case', (js) => `<ScRiPt>${js}</sCrIpT>`],
	['script-src', (js) => `<script src="data:text/javascript,${js}"></script>`],
	['script-module', (js) => `<script type="module">${js}</script>`],
	['script-svg', (js) => `<svg><script>${js}</script></svg>`],
	['script-nested', (js) => `<scr<script>ipt>${js}</scr</script>ipt>`],
	[
		'iframe-srcdoc',
		(js) => `<iframe srcdoc="<script>parent.${js.replace('globalThis.', '')}</script>"></iframe>`
	],
	['iframe-src', (js) => `<iframe src="javascript:parent.${js.replace('globalThis.', '')}"></iframe>`],
	['embed', (js) => `<embed src="javascript:${js}">`],
	['link-import', (js) => `<link rel="modulepreload" href="data:text/javascript,${js}">`],
	['meta-refresh', (js) => `<meta http-equiv="refresh" content="0;url=javascript:${js}">`],
	['base', () => `<base href="https://evil.example/">`],
	['form', (js) => `<form action="javascript:${js}"><button autofocus>x</button></form>`],
	['formaction', (js) => `<button formaction="javascript:${js}">x</button>`],
	['anchor', (js) => `<a href="javascript:${js}">x</a>`],
	['anchor-entity', (js) => `<a href="&#106;avascript:${js}">x</a>`],
	['anchor-tab', (js) => `<a href="java\tscript:${js}">x</a>`],
	['svg-use', (js) => `<svg><use href="data:image/svg+xml,<svg onload=${js}>#x"></svg>`],
	['style', () => `<style>@import "https://evil.example/x.css"; body { display: none }</style>`],
	['address', (js) => `javascript:${js}`],
	['address-case', (js) => `JaVaScRiPt:${js}`],
	['address-comment', (js) => `javascript://https://a.example/%0a${js}`],
	['address-data', (js) => `data:text/html,<script>${js}</script>`],
	['address-vb', () => `vbscript:msgbox(1)`],
	['svelte', (js) => `{@html "<img src=x onerror=${js}>"} {${js}}`],
	['mustache', (js) => `{{constructor.constructor("${js}")()}}`],
	['literal', (js) => '${' + js + '}'],
	['eval', (js) => `");${js};("`],
	['escape', (js) => `\\u003cimg src=x onerror=${js}\\u003e`],
	['entity', (js) => `&lt;img src=x onerror=${js}&gt;&#60;script&#62;${js}&#60;/script&#62;`],
	['percent', (js) => `%3Cscript%3E${js}%3C/script%3E`],
	['utf7', (js) => `+ADw-script+AD4-${js}+ADw-/script+AD4-`],
	['direction', (js) => `\u202e<img src=x onerror=${js}>\u202c\u200b`],
	['prototype', () => '__proto__ constructor toString hasOwnProperty'],
	['markdown-link', (js) => `[x](javascript:${js})`],
	['markdown-image', (js) => `![x](https://evil.example/x"onerror="${js})`]
];

export const vectors: readonly { readonly name: string; readonly text: string }[] = [
	...handlers,
	...scripts
].map(([name, text]) => ({ name, text: text(run(name)) }));

/** Where a text can stand in what somebody writes. Line breaks in a vector are kept where the place allows them. */
export const places: readonly { readonly name: string; put(text: string): string }[] = [
	{ name: 'text', put: (text) => text },
	{ name: 'bold', put: (text) => `**${oneLine(text)}**` },
	{ name: 'label', put: (text) => `[${oneLine(text)}](https://a.example/)` },
	{
		name: 'address',
		put: (text) => `[x](https://a.example/${oneLine(text)}) https://a.example/?${oneLine(text)}`
	},
	{ name: 'quote and list', put: (text) => `> ${oneLine(text)}\n- ${oneLine(text)}` },
	{ name: 'table', put: (text) => `| ${cell(text)} | b |\n|---|---|\n| a | ${cell(text)} |` },
	{ name: 'code', put: (text) => `\`\`\`${language(text)}\n${text}\n\`\`\`` },
	{ name: 'coloured code', put: (text) => `\`\`\`html\n${text}\n\`\`\`` }
];

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const cell = (text: string): string => oneLine(text).replaceAll('|', '\\|');
const language = (text: string): string => oneLine(text).replaceAll('`', '').slice(0, 40);

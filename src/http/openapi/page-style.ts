/** The style sheet of the documentation. */
export const STYLE = `
:root{--fg:#1b1f24;--muted:#59636e;--bg:#fff;--soft:#f4f6f8;--line:#d5dae0;--link:#0b57b0}
@media (prefers-color-scheme:dark){:root{--fg:#e6e9ed;--muted:#a3adb8;--bg:#14171a;--soft:#1e2327;--line:#363d44;--link:#86b9ff}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;color:var(--fg);background:var(--bg);font:1rem/1.55 system-ui,sans-serif;display:grid;grid-template-columns:19rem minmax(0,1fr)}
a{color:var(--link)}
a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--bg);padding:.5rem 1rem;z-index:1}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem 1.25rem;border-right:1px solid var(--line);font-size:.9rem}
nav p{margin:1rem 0 .25rem;font-weight:600}
nav ul{margin:0;padding:0;list-style:none}
nav ul ul{padding-left:.75rem;border-left:1px solid var(--line)}
nav [aria-current]{font-weight:600}
nav a{display:block;padding:.25rem 0;text-decoration:none}
nav a:hover{text-decoration:underline}
main{padding:1rem 2.5rem 6rem;max-width:64rem}
h1{font-size:2rem}
h2{margin-top:3.5rem;border-top:1px solid var(--line);padding-top:1.5rem}
article{margin:2.5rem 0}
.operations{padding:0;list-style:none}
.operations li{padding:.15rem 0;scroll-margin-top:1rem}
.operations li:target{background:var(--soft)}
h3{font-size:1rem;margin:1.25rem 0 .5rem}
code{font:.875em ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:.4rem;padding:.75rem 1rem;overflow:auto}
pre code{overflow-wrap:normal}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line)}
tbody th{font-weight:400}
em{color:var(--muted);font-size:.85em}
dl{display:grid;grid-template-columns:4rem minmax(0,1fr);gap:.3rem 0;font-size:.92rem;margin:0}
dt{font-weight:600}
dd{margin:0}
.m{font:700 .75rem ui-monospace,monospace;text-transform:uppercase;display:inline-block;min-width:3.6em;color:var(--muted)}
@media (max-width:54rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem 1.25rem 4rem}}
@media print{nav{display:none}body{display:block}}
`;

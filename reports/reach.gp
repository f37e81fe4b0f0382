# reach - how large the logits may grow before an implementation breaks: a line over the magnitudes at which it does.
load palette
set title "Where each breaks: magnitude L of the logits" noenhanced
set xlabel "L: valid logits at -L or L, or masked ones at L"
set logscale x
set format x "10^{%T}"
set xrange [5:3e39]
set yrange [-0.8:rows - 0.2]
set ytics noenhanced
set key outside bottom center horizontal samplen 1.5
set arrow from 65504, graph 0 to 65504, graph 1 nohead dt 2 lc rgb grey
set label "f16 ends at 65504" at 7e4, graph 1.012 tc rgb grey font ",12"
plot for [f=1:4] data using ($3 == f - 1 ? $4 : NaN):($1 + 0.19 * (2.5 - f)):4:($5 < 2e39 ? $5 : 2e39) with xerrorbars pt mark[f] ps 0.45 \
         lw 2 lc rgb colour[f] title name[f], \
     data using (1):1:ytic(2) with dots notitle

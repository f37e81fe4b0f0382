# chess_leak - share of positions that leak more than so much, for the networks measured; the article's figures as points.
set terminal svg size 960,500 dynamic font "sans-serif,14" background "white"
set title "Leak of softmax(x * mask) in chess: share of positions that leak more"
set xlabel "leak: probability on illegal moves [%]"
set ylabel "share of positions"
set logscale xy
set format x "%g"
set format y "10^{%T}"
set xrange [0.001:100]
set yrange [5e-6:1.5]
set grid lc rgb "#dddddd"
set key bottom left
array colour[3] = ["#0072B2", "#009E73", "#CC79A7"]
$article << END
0.1 0.1 "most under 0.1 %"
5.1 1e-5 "worst 5.1 %"
END
# A normal LSE through the article's points, N = 1850: mean and deviation from the two.
lse(l) = log(1850 * (1 - l) / l)
z(p) = invnorm(p)
deviation = (lse(0.001) - lse(0.051)) / (z(0.1) - z(1e-5))
mean = lse(0.001) - z(0.1) * deviation
set samples 300
plot for [i=0:2] data index i using (100 * $1):2 with lines lw 2 lc rgb colour[i+1] title columnheader(1), \
     norm((lse(x / 100) - mean) / deviation) with lines lw 1.5 dt 2 lc rgb "#D55E00" title "normal LSE through the article's points", \
     $article using 1:2 with points pt 7 ps 1.3 lc rgb "#D55E00" title "Maia2, by the article; \"most\" drawn at 90 %", \
     $article using 1:2:3 with labels offset -1,-0.2 right tc rgb "#A04000" notitle
